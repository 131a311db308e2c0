// How our pictures are made, by what everybody in the meeting can receive. A member whose browser knows no
// Dependency Descriptor needs a few clear bytes before each picture, and VP8; spatial layers of VP9 are sent
// only where all others can take them.
import { signal } from '@preact/signals';
import type { Core, CoreEvent } from '../core/types';

export interface Abilities {
    /** Takes frames that are opaque from the first byte. */
    opaque: boolean;
    vp9: boolean;
}

export interface Form {
    clearBytes: boolean;
    svc: boolean;
}

/** Pure: others' abilities in, the form of our pictures out. Alone, nobody needs anything. */
export function formFor(others: Iterable<Abilities>, svcWanted: boolean): Form {
    let clearBytes = false;
    let vp9 = true;
    let alone = true;
    for (const o of others) {
        alone = false;
        clearBytes ||= !o.opaque;
        vp9 &&= o.vp9;
    }
    return { clearBytes, svc: svcWanted && vp9 && !clearBytes && !alone };
}

export class Profile {
    readonly svc = signal(false);
    private readonly others = new Map<number, Abilities>();
    private clear = false;
    private readonly stops: (() => void)[];

    constructor(
        private readonly core: Core,
        private readonly svcWanted: boolean,
    ) {
        this.stops = [
            core.onAny((e) => this.status(e)),
            core.on('joined', (e) => {
                // Until they say what they can: what every member can.
                if (!e.person.self) this.set(e.person.leaf, { opaque: true, vp9: false });
            }),
            core.on('left', (e) => {
                this.others.delete(e.person.leaf);
                this.decide();
            }),
        ];
    }

    close(): void {
        this.stops.forEach((stop) => stop());
    }

    private status(e: CoreEvent): void {
        const told = abilitiesIn(e);
        if (told) this.set(told.leaf, told.abilities);
    }

    private set(leaf: number, abilities: Abilities): void {
        this.others.set(leaf, abilities);
        this.decide();
    }

    private decide(): void {
        const form = formFor(this.others.values(), this.svcWanted);
        this.svc.value = form.svc;
        if (form.clearBytes === this.clear) return;
        this.clear = form.clearBytes;
        this.core.do({ do: 'clear_bytes', on: this.clear }).catch(() => (this.clear = !this.clear));
    }
}

/** The fields of the status message that matter here. */
export function abilitiesIn(e: object): { leaf: number; abilities: Abilities } | null {
    if (Reflect.get(e, 'event') !== 'status') return null;
    const person: unknown = Reflect.get(e, 'person');
    if (typeof person !== 'object' || person === null || Reflect.get(person, 'self') === true) return null;
    const leaf: unknown = Reflect.get(person, 'leaf');
    const opaque: unknown = Reflect.get(e, 'opaque');
    const codecs: unknown = Reflect.get(e, 'codecs');
    if (typeof leaf !== 'number') return null;
    const vp9 = Array.isArray(codecs) && codecs.includes('vp9');
    return { leaf, abilities: { opaque: opaque !== false && opaque !== 0, vp9 } };
}
