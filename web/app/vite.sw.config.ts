/* The service worker: one classic script of its own at the root, beside what vite.config.ts builds. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const out = process.env['IC_WEB_DIST'] ?? fileURLToPath(new URL('../../build/web/dist', import.meta.url));

export default defineConfig({
    publicDir: false,
    clearScreen: false,
    build: {
        outDir: out,
        emptyOutDir: false,
        target: 'es2022',
        reportCompressedSize: false,
        lib: { entry: 'src/trust/sw.ts', formats: ['iife'], name: 'sw', fileName: () => 'sw.js' },
    },
});
