// Programs that a test starts: a server with everything embedded, people in a terminal. All end with the run.
import { spawn } from 'node:child_process';
import { closeSync, openSync, mkdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Events } from './events.mjs';
import { tries } from './limits.mjs';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const BUILD = process.env.IC_BUILD ?? path.join(ROOT, 'build/gcc');
const running = new Set();

export function endAll() {
    for (const child of running) child.kill('SIGKILL');
}
process.on('exit', endAll);

/** A child whose standard error goes to a file of its name in the folder. */
function start(folder, name, command, args, environment = {}) {
    mkdirSync(folder, { recursive: true });
    const log = path.join(folder, name + '.log');
    const fd = openSync(log, 'a');
    const child = spawn(command, args, {
        stdio: ['pipe', 'pipe', fd],
        env: { ...process.env, ...environment },
    });
    closeSync(fd);
    running.add(child);
    child.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    child.ended.then(() => running.delete(child));
    child.log = log;
    child.stdin.on('error', () => undefined); // it ended before it read
    return child;
}

async function finish(child, signal, limitMs = 10_000) {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const status = await child.ended;
    clearTimeout(late);
    return status;
}

/** `incamerad --embedded`; after stop() or kill() start() goes on with the same data and the same ports. */
export class Server {
    constructor(folder, options = []) {
        this.folder = folder;
        this.options = options;
        this.ready = null;
    }

    /** A port of before may be somebody else's for a moment. */
    start() {
        return tries(() => this.#start());
    }

    async #start() {
        const port = (url) => new URL(url).port;
        const again = this.ready
            ? ['--http-port', port(this.ready.http), '--https-port', port(this.ready.https), '--media-port', String(this.ready.media_port)]
            : [];
        this.child = start(this.folder, 'server', path.join(BUILD, 'server/incamerad'), [
            '--embedded', path.join(this.folder, 'data'), '--bind', '127.0.0.1', '--host', 'localhost', ...again, ...this.options,
        ]);
        const lines = createInterface(this.child.stdout);
        const first = await Promise.race([
            new Promise((resolve) => lines.once('line', resolve)),
            this.child.ended.then((status) => {
                throw new Error(`incamerad does not start (${status}): ${this.words()}`);
            }),
        ]);
        this.ready = JSON.parse(first);
        return this;
    }

    get http() {
        return this.ready.http;
    }

    get pid() {
        return this.child.pid;
    }

    words() {
        return readFileSync(this.child.log, 'utf8').split('\n').slice(-15).join('\n');
    }

    stop() {
        return finish(this.child, 'SIGTERM');
    }

    kill() {
        return finish(this.child, 'SIGKILL');
    }

    async restart() {
        await this.stop();
        await this.start();
    }

    /** {url, number, id, identity}: of `incamera meeting create --json`. identity: the file of the host's device. */
    async meeting({ title = 'Test meeting', admission = 'link', identity, options = [] } = {}) {
        const file = identity ?? path.join(this.folder, 'identities', `host-${(this.meetings = (this.meetings ?? 0) + 1)}`);
        mkdirSync(path.dirname(file), { recursive: true });
        const child = start(this.folder, 'meeting-create', path.join(BUILD, 'client/incamera'), [
            'meeting', 'create', '--json', '--title', title, '--admission', admission, '--identity', file, '--server', this.http, ...options,
        ], { INCAMERA_TOKEN: this.ready.token });
        let text = '';
        child.stdout.on('data', (data) => (text += data));
        if ((await child.ended) !== 0)
            throw new Error('no meeting: ' + readFileSync(child.log, 'utf8').slice(-600));
        return { ...JSON.parse(text), identity: file, title };
    }
}

/** `incamera join --json`: somebody in a terminal. */
export class Native extends Events {
    constructor(folder, name, link, options = []) {
        super(name);
        this.child = start(folder, name, path.join(BUILD, 'client/incamera'), [
            'join', link, '--json', '--name', name, '--no-play', ...options,
        ]);
        createInterface(this.child.stdout).on('line', (line) => {
            try {
                this.take(JSON.parse(line));
            } catch {
                this.take({ event: 'no-json', line });
            }
        });
        this.child.ended.then((status) => this.take({ event: 'end-of-output', status }));
    }

    words() {
        return readFileSync(this.child.log, 'utf8').split('\n').slice(-10).join('\n');
    }

    /** A command of docs/events.md: send('chat', {text}). */
    send(what, fields = {}) {
        this.child.stdin.write(JSON.stringify({ ...fields, do: what }) + '\n');
    }

    /** Until the keys are there. */
    enter() {
        return this.expect('state', (e) => e.state === 'e2ee' || e.state === 'e2ee_compare');
    }

    async admit(name) {
        const { knock } = await this.expect('knock', (e) => e.person.name === name);
        this.send('admit', { knock });
    }

    stop() {
        return finish(this.child, 'SIGTERM', 5000);
    }

    kill() {
        return finish(this.child, 'SIGKILL');
    }
}

/** `incamera web` on a free port: what it says when it listens, and its child. */
export async function startWeb(folder, args) {
    const child = start(folder, 'web', path.join(BUILD, 'client/incamera'), ['web', '--json', '--port', '0', ...args]);
    const first = await Promise.race([
        new Promise((resolve) => createInterface(child.stdout).once('line', resolve)),
        child.ended.then((status) => {
            throw new Error(`incamera web does not start (${status}): ${readFileSync(child.log, 'utf8')}`);
        }),
    ]);
    return { ...JSON.parse(first), child };
}
