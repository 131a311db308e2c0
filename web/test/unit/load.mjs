// Loads a TypeScript module of web/app/src under node, bundled by the esbuild that Vite brings along.
import { createRequire } from 'node:module';
import path from 'node:path';
import { modules, ROOT } from '../modules.mjs';

export async function load(file) {
    const packages = modules();
    const { build } = createRequire(path.join(packages, 'vite/package.json'))('esbuild');
    const made = await build({
        entryPoints: [path.join(ROOT, 'web/app/src', file)],
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'neutral',
        mainFields: ['module', 'main'],
        nodePaths: [packages],
        jsx: 'automatic',
        jsxImportSource: 'preact',
    });
    const text = Buffer.from(made.outputFiles[0].text).toString('base64');
    return import(`data:text/javascript;base64,${text}`);
}
