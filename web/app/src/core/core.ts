// The page's side of the worker.
//
//     const core = makeCore();
//     core.on('joined', ({ person }) => ...);
//     await core.do({ do: 'join', link: location.href, name: 'Ana' });
//     sender.transform = core.transform({ direction: 'send', kind: 'audio', mid: 'a', context: 0 });
import { trustedFetch } from '../trust/fetch';
import { scriptUrl } from '../trust/policy';
import workerUrl from '../worker/worker.ts?worker&url';
import { CoreError } from './error';
import type {
    Answer,
    Command,
    Core,
    CoreEvent,
    EventName,
    EventOf,
    FromWorker,
    ResultOf,
    TransformOptions,
} from './types';

interface Waiting {
    resolve(value: unknown): void;
    reject(error: unknown): void;
}

const SLOT = 'incamera.slot';

class WorkerCore implements Core {
    private readonly worker = new Worker(scriptUrl(workerUrl), { type: 'module', name: 'core' });
    /** The same file, compared with the manifest: until then the worker is told nothing. */
    private readonly genuine = trustedFetch(workerUrl).then((answer) => answer.arrayBuffer());
    private readonly waiting = new Map<number, Waiting>();
    private readonly named = new Map<EventName, Set<(event: CoreEvent) => void>>();
    private readonly all = new Set<(event: CoreEvent) => void>();
    private last = 0;

    constructor() {
        this.worker.onmessage = (e: MessageEvent<FromWorker>) => {
            if ('event' in e.data) this.emit(e.data);
            else this.answered(e.data);
        };
        this.genuine.catch((e: unknown) => this.failed(e instanceof Error ? e.message : String(e)));
        this.worker.onerror = (e) => this.failed(e.message || 'the worker did not start');
    }

    async do<C extends Command>(command: C): Promise<ResultOf<C['do']>> {
        if (command.do === 'join') return (await this.join(command)) as ResultOf<C['do']>;
        return (await this.ask(command)) as ResultOf<C['do']>;
    }

    on<N extends EventName>(name: N, f: (event: EventOf<N>) => void): () => void {
        const set = this.named.get(name) ?? new Set();
        this.named.set(name, set);
        set.add(f as (event: CoreEvent) => void);
        return () => void set.delete(f as (event: CoreEvent) => void);
    }

    onAny(f: (event: CoreEvent) => void): () => void {
        this.all.add(f);
        return () => void this.all.delete(f);
    }

    transform(options: TransformOptions): RTCRtpScriptTransform {
        return new RTCRtpScriptTransform(this.worker, options);
    }

    close(): void {
        this.worker.terminate();
        for (const w of this.waiting.values()) w.reject(new CoreError('closed', 'the core was closed'));
        this.waiting.clear();
    }

    /** A tab that is loaded again asks for the key that it had. */
    private async join(command: Extract<Command, { do: 'join' }>): Promise<ResultOf<'join'>> {
        const had = sessionStorage.getItem(SLOT);
        const slot = had === null ? -1 : Number(had);
        const done = (await this.ask({ slot, ...command })) as ResultOf<'join'>;
        sessionStorage.setItem(SLOT, String(done.slot));
        return done;
    }

    private ask(command: Command): Promise<unknown> {
        return new Promise((resolve, reject) => {
            const id = ++this.last;
            this.waiting.set(id, { resolve, reject });
            this.genuine.then(
                () => this.worker.postMessage({ ...command, id }),
                (e: unknown) => reject(new CoreError('not_genuine', e instanceof Error ? e.message : '')),
            );
        });
    }

    private answered(answer: Answer): void {
        const w = this.waiting.get(answer.id);
        this.waiting.delete(answer.id);
        if (answer.ok) w?.resolve(answer.value);
        else w?.reject(new CoreError(answer.error, answer.text));
    }

    private emit(event: CoreEvent): void {
        for (const f of this.named.get(event.event) ?? []) f(event);
        for (const f of this.all) f(event);
    }

    private failed(why: string): void {
        this.emit({ event: 'core_failed', why });
        for (const w of this.waiting.values()) w.reject(new CoreError('failed', why));
        this.waiting.clear();
    }
}

/** One for each visit: the worker starts at once, and holds the keys until close(). */
export function makeCore(): Core {
    return new WorkerCore();
}
