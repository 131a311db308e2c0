// Loads a TypeScript module of web/app/src under node, bundled by the esbuild that Vite brings along.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const app = process.env.IC_WEB_APP ?? fileURLToPath(new URL('../../app', import.meta.url));

export async function load(file) {
    const require = createRequire(path.join(app, 'package.json'));
    const { build } = require('esbuild');
    const made = await build({
        entryPoints: [path.join(app, 'src', file)],
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'neutral',
        mainFields: ['module', 'main'],
        jsx: 'automatic',
        jsxImportSource: 'preact',
    });
    const text = Buffer.from(made.outputFiles[0].text).toString('base64');
    return import(`data:text/javascript;base64,${text}`);
}
