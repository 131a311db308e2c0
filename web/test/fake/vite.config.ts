/* The room with a fake core, for tests without a server: npx vite build -c ../test/fake/vite.config.ts */
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const app = process.env['IC_WEB_APP'] ?? here('../../app');
const from = (name: string) => ({ find: new RegExp(`^${name}(?=/|$)`), replacement: `${app}/node_modules/${name}` });

export default {
    root: here('.'),
    base: '/',
    clearScreen: false,
    resolve: { alias: ['preact', '@preact/signals', 'lucide-preact'].map(from) },
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
    build: { outDir: process.env['IC_FAKE_DIST'] ?? here('../../../build/web/fake'), emptyOutDir: true, target: 'es2022' },
};
