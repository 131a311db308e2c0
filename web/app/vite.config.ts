/* The bundle: every file is named by its content, nothing is inlined into the page (the policy would refuse it), and
 * the same sources give the same bytes. */
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

const out = process.env['IC_WEB_DIST'] ?? fileURLToPath(new URL('../../build/web/dist', import.meta.url));

/* What stands in the page itself, in case no script runs, comes from the same files as all texts: %de:trust.boot.text%. */
const textsInPage: Plugin = {
    name: 'texts-in-page',
    transformIndexHtml: (html) =>
        html.replace(/%(en|de):(\w+)\.([\w.]+)%/g, (_, language: string, part: string, rest: string) => {
            const file = new URL(`src/i18n/${language}/${part}.json`, import.meta.url);
            const texts = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
            const text = texts[`${part}.${rest}`];
            if (text === undefined) throw new Error(`no text ${part}.${rest}`);
            return text;
        }),
};

export default defineConfig({
    plugins: [textsInPage],
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
