// The one dedicated worker: it alone holds keys. Commands come in, answers and events go out; and every
// RTCRtpScriptTransform of the page runs here (frames.ts).
import { CoreError } from '../core/error';
import type { Answer, CoreEvent, FromWorker, Request } from '../core/types';
import { trustedFetch } from '../trust/fetch';
import { runCommand, type Context } from './commands';
import { allHandlers, features } from './features';
import { Frames, type TransformEvent } from './frames';
import { Meeting } from './meeting';
import { Wasm } from './wasm';

interface Scope {
    postMessage(message: FromWorker): void;
    onmessage: ((event: MessageEvent<Request>) => void) | null;
    onrtctransform: ((event: TransformEvent) => void) | null;
}
const scope = self as unknown as Scope;

/** Where the build had no emscripten there is no core. */
const built = import.meta.glob<string>('./wasm/core.wasm', {
    query: '?url',
    import: 'default',
    eager: true,
});

function compile(): Promise<WebAssembly.Module> {
    const url = Object.values(built)[0];
    if (!url) throw new CoreError('unsupported', 'this server was built without the browser core');
    return WebAssembly.compileStreaming(trustedFetch(url));
}

async function start(): Promise<Context> {
    const wasm = await Wasm.load(compile());
    const meeting = new Meeting(wasm, (event) => scope.postMessage(event));
    const { protocol, host } = self.location;
    const context: Context = {
        wasm,
        meeting,
        frames: new Frames(wasm, meeting),
        socketUrl: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws`,
        tell: (event: CoreEvent) => meeting.tell(event),
    };
    for (const f of features) if (f.heard) meeting.listen((event) => f.heard?.(context, event));
    self.addEventListener('online', () => meeting.hurry());
    return context;
}

const handlers = allHandlers();
const ready = start();
ready.catch((error: unknown) => {
    console.error(error);
    const why = error instanceof Error ? error.message : String(error);
    scope.postMessage({ event: 'core_failed', why });
});

async function answer({ id, ...command }: Request): Promise<Answer> {
    try {
        return { id, ok: true, value: await runCommand(handlers, await ready, command) };
    } catch (error) {
        if (error instanceof CoreError) return { id, ok: false, error: error.code, text: error.message };
        console.error(error);
        return { id, ok: false, error: 'failed', text: String(error) };
    }
}

scope.onmessage = ({ data }) => void answer(data).then((a) => scope.postMessage(a));
scope.onrtctransform = ({ transformer }) => void ready.then(({ frames }) => frames.take(transformer));
