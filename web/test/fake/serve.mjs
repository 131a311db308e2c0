// The room with a fake core (main.tsx), built once a run and served with the server's own policies: tests of what
// people see, without a meeting.
import { existsSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { modules, ROOT } from '../modules.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
let served;

async function build() {
    const vite = await import(pathToFileURL(path.join(modules(), 'vite/dist/node/index.js')).href);
    const configFile = fileURLToPath(new URL('vite.config.mjs', import.meta.url));
    await vite.build({ configFile, logLevel: 'error' });
    return path.join(ROOT, 'build/web/fake');
}

async function serve() {
    const folder = await build();
    const headers = JSON.parse(readFileSync(path.join(ROOT, 'web/app/headers.json'), 'utf8'));
    const server = http.createServer((request, response) => {
        const asked = path.join(folder, path.normalize(new URL(request.url, 'http://localhost').pathname));
        const file = existsSync(asked) && statSync(asked).isFile() ? asked : path.join(folder, 'index.html');
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
        response.end(readFileSync(file));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return `http://localhost:${server.address().port}`;
}

/** Its address: the same for all cases of a run. */
export function fakeRoom() {
    served ??= serve();
    return served;
}
