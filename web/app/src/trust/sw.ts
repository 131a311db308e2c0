// The service worker: after the first visit the program comes from here and not from the server. It serves the
// pinned bundle, looks at each start whether the server offers another one, takes it if the pinned key has
// signed it, and says so if not. /ws, /api/, /acme/, /pki/ and whatever else is no file of the bundle is left to the network.
//
// What it cannot stop (docs/threat-model.md): a first visit to a server that lies, and a server that replaces this
// very script, which browsers fetch past every service worker.
import policies from '../../headers.json';
import { look, pinFirst } from './look';
import { bundleCache, readPin, type Pin, type TrustAnswer, type Verdict } from './state';

interface WorkerEvent extends Event {
    waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends WorkerEvent {
    readonly request: Request;
    respondWith(answer: Promise<Response>): void;
}
interface QuestionEvent extends MessageEvent, WorkerEvent {
    waitUntil(work: Promise<unknown>): void;
}
interface Scope {
    addEventListener(type: 'install' | 'activate', f: (event: WorkerEvent) => void): void;
    addEventListener(type: 'fetch', f: (event: FetchEvent) => void): void;
    addEventListener(type: 'message', f: (event: QuestionEvent) => void): void;
    readonly clients: { claim(): Promise<void> };
    skipWaiting(): Promise<void>;
}
const scope = self as unknown as Scope;

const TYPES: Record<string, string> = {
    js: 'text/javascript; charset=utf-8',
    css: 'text/css; charset=utf-8',
    json: 'application/json',
    sig: 'application/json',
    webmanifest: 'application/manifest+json',
    wasm: 'application/wasm',
    svg: 'image/svg+xml',
    png: 'image/png',
    ico: 'image/x-icon',
};
const CODE = new Set(['script', 'style', 'worker', 'sharedworker', 'serviceworker', 'object']);

/** Of the last start. */
let verdict: Promise<Verdict> | null = null;

const isPage = (path: string): boolean =>
    /^\/(signin|account|m\/([0-9]{10,20}|[^/]{22}))?$/.test(path);

/** With our own policies: those that came with a file were the server's word. */
function confined(body: BodyInit, path: string): Response {
    const extension = /\.([a-z]+)$/.exec(path)?.[1] ?? '';
    const type = TYPES[extension] ?? 'text/html; charset=utf-8';
    return new Response(body, { headers: { ...policies, 'content-type': type } });
}

async function kept(path: string, pin: Pin): Promise<Response | null> {
    const own = await (await caches.open(bundleCache(pin.hash))).match(path);
    // A page that was open before an update loads its parts from the former bundle; these paths name contents.
    const found = own ?? (path.startsWith('/assets/') ? await caches.match(path) : undefined);
    return found ? confined(await found.blob(), path) : null;
}

/** Some other page of this origin: shown, but as text that can do nothing. */
async function harmless(request: Request): Promise<Response> {
    const answer = await fetch(request.url);
    return new Response(await answer.blob(), {
        status: answer.status,
        headers: {
            'content-type': 'text/plain; charset=utf-8',
            'content-security-policy': "default-src 'none'; sandbox",
            'x-content-type-options': 'nosniff',
        },
    });
}

async function serve(event: FetchEvent, path: string): Promise<Response> {
    const pin = await readPin();
    if (!pin) return fetch(event.request);
    if (event.request.mode === 'navigate') {
        verdict = look(pin);
        event.waitUntil(verdict);
        if (!isPage(path)) return harmless(event.request);
        return (await kept('/', pin)) ?? fetch(event.request);
    }
    const own = await kept(path, pin);
    if (own) return own;
    return CODE.has(event.request.destination) ? Response.error() : fetch(event.request);
}

scope.addEventListener('install', (event) => {
    event.waitUntil(pinFirst().catch(() => undefined).then(() => scope.skipWaiting()));
});

scope.addEventListener('activate', (event) => {
    event.waitUntil(scope.clients.claim());
});

scope.addEventListener('fetch', (event) => {
    const url = new URL(event.request.url);
    const network = /^\/(ws$|api\/|acme\/|pki\/)/.test(url.pathname);
    if (url.origin !== location.origin || event.request.method !== 'GET' || network) return;
    event.respondWith(serve(event, url.pathname));
});

scope.addEventListener('message', (event) => {
    const answer = async (): Promise<void> => {
        const pin = await readPin();
        if (pin) verdict ??= look(pin);
        const found: TrustAnswer = { pin, verdict: (await verdict) ?? { kind: 'same' } };
        event.ports[0]?.postMessage(found);
    };
    event.waitUntil(answer());
});
