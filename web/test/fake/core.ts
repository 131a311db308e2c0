// A core without a worker: the test plays its events and reads the commands that the page gave.
import type { Command, Core, CoreEvent, EventName, EventOf, ResultOf } from '../../app/src/core/types';

export class FakeCore implements Core {
    readonly done: Command[] = [];
    /** By the name of a command: refuse it with these words. */
    readonly refuse: Record<string, string> = {};
    #listeners = new Set<(e: CoreEvent) => void>();

    play(...events: CoreEvent[]): void {
        for (const e of events) for (const f of this.#listeners) f(e);
    }

    do<C extends Command>(command: C): Promise<ResultOf<C['do']>> {
        this.done.push(command);
        const why = this.refuse[command.do];
        if (why) return Promise.reject(new Error(why));
        if (command.do === 'leave')
            setTimeout(() => this.play({ event: 'ended', why: 'left', text: '' }), 50);
        if (command.do === 'end')
            setTimeout(() => this.play({ event: 'ended', why: 'ended', text: '' }), 50);
        const value = command.do === 'join' ? { suite: 1, key_hash: '0'.repeat(64) } : undefined;
        return Promise.resolve(value as ResultOf<C['do']>);
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
