// A core without a worker: the test plays its events and reads the commands that the page gave.
import type { Command, Core, CoreEvent, EventName, EventOf, ResultOf } from '../../app/src/core/types';

const LOOK = {
    title: 'Budget round',
    number: '',
    locked: false,
    watermark: false,
    recording: false,
    over: false,
    suite: 1,
};

export class FakeCore implements Core {
    readonly done: Command[] = [];
    /** By the name of a command: refuse it with these words, which are the code too. */
    readonly refuse: Record<string, string> = {};
    /** The answer to the command `certificate`. */
    certificate: object | null = null;
    /** What the server tells before joining; null: there is no such meeting. Tests set window.look. */
    readonly look = (window as { look?: object | null }).look;
    #listeners = new Set<(e: CoreEvent) => void>();

    play(...events: CoreEvent[]): void {
        for (const e of events) for (const f of this.#listeners) f(e);
    }

    do<C extends Command>(command: C): Promise<ResultOf<C['do']>> {
        this.done.push(command);
        const why = this.refuse[command.do];
        if (why) return Promise.reject(Object.assign(new Error(why), { code: why }));
        if (command.do === 'leave')
            setTimeout(() => this.play({ event: 'ended', why: 'left', text: '' }), 50);
        if (command.do === 'end')
            setTimeout(() => this.play({ event: 'ended', why: 'ended', text: '' }), 50);
        const values: Record<string, unknown> = {
            join: { suite: 1, key_hash: '0'.repeat(64) },
            look: this.look ?? LOOK,
            certificate: this.certificate,
            identity: null,
            roots: [],
            contacts: [],
            ...(window as { answers?: Record<string, unknown> }).answers,
        };
        if (command.do === 'look' && this.look === null)
            return Promise.reject(Object.assign(new Error('no such meeting'), { code: 'not_found' }));
        return Promise.resolve(values[command.do] as ResultOf<C['do']>);
    }

    on<N extends EventName>(name: N, f: (event: EventOf<N>) => void): () => void {
        return this.onAny((e) => {
            if (e.event === name) f(e as EventOf<N>);
        });
    }

    onAny(f: (e: CoreEvent) => void): () => void {
        this.#listeners.add(f);
        return () => void this.#listeners.delete(f);
    }

    transform(): RTCRtpScriptTransform {
        throw new Error('the fake core has no transforms');
    }

    close(): void {
        this.done.push({ do: 'closed' } as never);
    }
}
