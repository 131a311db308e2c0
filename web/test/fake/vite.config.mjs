/* The room with a fake core. IC_WEB_MODULES: the folder with its packages (`tools/web --packages`). */
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const modules = process.env.IC_WEB_MODULES ?? here('../../app/node_modules');
const from = (name) => ({ find: new RegExp(`^${name}(?=/|$)`), replacement: `${modules}/${name}` });

export default {
    root: here('.'),
    base: '/',
    publicDir: here('../../app/public'),
    clearScreen: false,
    resolve: { alias: ['preact', '@preact/signals', 'lucide-preact'].map(from) },
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
    build: {
        outDir: process.env.IC_FAKE_DIST ?? here('../../../build/web/fake'),
        emptyOutDir: true,
        target: 'es2022',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
    },
};
