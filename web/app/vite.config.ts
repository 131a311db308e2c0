/* The bundle: every file is named by its content, nothing is inlined into the page (the policy would refuse it), and
 * the same sources give the same bytes. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const out = process.env['IC_WEB_DIST'] ?? fileURLToPath(new URL('../../build/web/dist', import.meta.url));

export default defineConfig({
    base: '/',
    publicDir: 'public',
    clearScreen: false,
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
    worker: { format: 'es' },
    build: {
        outDir: out,
        emptyOutDir: true,
        target: 'es2022',
        assetsInlineLimit: 0,
        cssCodeSplit: false,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
        rollupOptions: { output: { entryFileNames: 'assets/[name]-[hash].js' } },
    },
});
