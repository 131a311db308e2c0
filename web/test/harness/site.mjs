// A server that lies about its pages: it serves a copy of the bundle that a test changes, with the real policies,
// and passes /ws and /api/ on to the real server.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { ROOT } from './programs.mjs';

const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.sig': 'application/json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };
const headers = JSON.parse(readFileSync(path.join(ROOT, 'web/app/headers.json'), 'utf8'));
const isPage = (at) => /^\/(signin|account|m\/([0-9]{10,20}|[^/]{22}))?$/.test(at);

export class Site {
    constructor(target, folder) {
        this.target = new URL(target);
        this.folder = folder;
        /** What it says by itself where the real server would be asked: a path, then [status, text]. */
        this.instead = new Map();
        /** When this is over it says which program it offers. */
        this.silence = Promise.resolve();
        cpSync(path.join(ROOT, 'build/web/dist'), folder, { recursive: true });
    }

    async open() {
        this.server = createServer((q, a) => this.#answer(q, a));
        this.server.on('upgrade', (q, near, head) => this.#upgrade(q, near, head));
        await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        this.http = `http://localhost:${this.server.address().port}`;
        return this;
    }

    #answer(q, a) {
        const at = new URL(q.url, this.http).pathname;
        const own = this.instead.get(at);
        if (own) return void a.writeHead(own[0], { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(own[1]);
        if (/^\/(api|acme|pki)\//.test(at)) {
            const on = request({ host: '127.0.0.1', port: this.target.port, method: q.method, path: q.url, headers: q.headers }, (r) => {
                a.writeHead(r.statusCode, r.headers);
                r.pipe(a);
            });
            on.on('error', () => a.destroy());
            return void q.pipe(on);
        }
        if (at === '/bundle.json') void this.silence.then(() => this.#give(q, a, at));
        else this.#give(q, a, at);
    }

    #give(q, a, at) {
        try {
            const file = isPage(at) ? 'index.html' : at.slice(1);
            const body = readFileSync(path.join(this.folder, file));
            a.writeHead(200, { ...headers, 'content-type': TYPES[path.extname(file)] ?? 'text/html; charset=utf-8', 'cache-control': 'no-store' });
            a.end(q.method === 'HEAD' ? undefined : body);
        } catch {
            a.writeHead(404, { 'content-type': 'text/plain' });
            a.end('not found\n');
        }
    }

    #upgrade(q, near, head) {
        const far = connect(this.target.port, '127.0.0.1', () => {
            const lines = q.rawHeaders.map((_, i, all) => (i % 2 ? '' : `${all[i]}: ${all[i + 1]}\r\n`)).join('');
            far.write(`${q.method} ${q.url} HTTP/1.1\r\n${lines}\r\n`);
            far.write(head);
            near.pipe(far).pipe(near);
        });
        for (const socket of [near, far]) socket.on('error', () => (near.destroy(), far.destroy()));
    }

    read(name) {
        return readFileSync(path.join(this.folder, name), 'utf8');
    }

    write(name, bytes) {
        writeFileSync(path.join(this.folder, name), bytes);
    }

    remove(name) {
        rmSync(path.join(this.folder, name));
    }

    get manifest() {
        return JSON.parse(this.read('bundle.json'));
    }

    /** Another page than before, with a manifest that fits; signed only by sign(). */
    change({ version, text = 'changed' } = {}) {
        this.write('index.html', this.read('index.html').replace('</body>', `<!-- ${text} --></body>`));
        const manifest = this.manifest;
        manifest.files['/'] = createHash('sha256').update(this.read('index.html')).digest('hex');
        if (version) manifest.version = version;
        this.write('bundle.json', JSON.stringify(manifest, null, 2) + '\n');
        return createHash('sha256').update(this.read('bundle.json')).digest('hex');
    }

    /** With this machine's key for development, which signed what is pinned; or with another one. */
    sign(key = execFileSync(path.join(ROOT, 'tools/web-sign'), ['--development-key'], { encoding: 'utf8' }).trim()) {
        execFileSync(path.join(ROOT, 'tools/web-sign'), [key, this.folder]);
    }

    close() {
        this.server.closeAllConnections?.();
        this.server.close();
    }
}
