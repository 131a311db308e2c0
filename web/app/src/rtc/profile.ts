// How our pictures are made, by what all others in the meeting can receive (event `frames`). A
// member whose browser knows no Dependency Descriptor needs a few clear bytes before each picture,
// and VP8; spatial layers of VP9 are sent only where all others can take them.
import { signal } from '@preact/signals';
import type { Core } from '../core/types';

/** What all others can receive. */
export interface Abilities {
    /** Frames that are opaque from the first byte. */
    opaque: boolean;
    codecs: readonly string[];
}

const SETTLE_MS = 3000;

export interface Form {
    clearBytes: boolean;
    svc: boolean;
}

/** Pure: the others' abilities in, the form of our pictures out. */
export function formFor(others: Abilities, svcWanted: boolean): Form {
    const svc = svcWanted && others.opaque && others.codecs.includes('vp9');
    return { clearBytes: !others.opaque, svc };
}

export class Profile {
    readonly svc = signal(false);
    private clear = false;
    private settle: ReturnType<typeof setTimeout> | undefined;
    private readonly stop: () => void;

    constructor(
        private readonly core: Core,
        private readonly svcWanted: boolean,
    ) {
        this.stop = core.onAny((e) => {
            const others = abilitiesIn(e);
            if (others) this.decide(others);
        });
    }

    close(): void {
        this.stop();
        clearTimeout(this.settle);
    }

    private decide(others: Abilities): void {
        const form = formFor(others, this.svcWanted);
        // Whoever enters tells what they can a moment later: that must not make us change back and
        // forth.
        clearTimeout(this.settle);
        if (form.svc) this.settle = setTimeout(() => (this.svc.value = true), SETTLE_MS);
        else this.svc.value = false;
        if (form.clearBytes === this.clear) return;
        this.clear = form.clearBytes;
        const undo = () => (this.clear = !form.clearBytes);
        this.core.do({ do: 'clear_bytes', on: form.clearBytes }).catch(undo);
    }
}

export function abilitiesIn(e: object): Abilities | null {
    if (Reflect.get(e, 'event') !== 'frames') return null;
    const codecs: unknown = Reflect.get(e, 'codecs');
    return {
        opaque: Reflect.get(e, 'opaque') === true,
        codecs: Array.isArray(codecs) ? codecs.filter((c) => typeof c === 'string') : [],
    };
}
