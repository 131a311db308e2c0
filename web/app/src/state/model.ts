// What the page knows of the meeting, as plain data that is never changed in place. reduce.ts makes the next
// model from an event of the core; store.ts shows it as signals.
import type { Person, ShieldState } from '../core/types';

/** What a device says about itself (docs/protocol/together.md): hints to look at, not to trust. */
export interface Status {
    microphone: boolean;
    camera: boolean;
    sharing: boolean;
    recording: boolean;
    /** Unix time of the raised hand; 0: not raised. */
    hand: number;
}

export interface Member extends Person {
    entered_ms: number;
    status: Status | null;
}

export interface Knock {
    knock: number;
    person: Person;
    short_code: string;
    /** A host removed them before; to admit lifts that. */
    barred: boolean;
    /** Why terms that ask for verified people keep them out; '' where nothing does. */
    lacks: string;
    since_ms: number;
}

export interface Code {
    epoch: number;
    /** 8 groups of 5 digits. */
    code: string;
    devices: number;
    time_ms: number;
    /** Who made this epoch; '' where that is not told. */
    committer: string;
}

export interface Trouble {
    why: string;
    time_ms: number;
}

export type LogKind = 'state' | 'joined' | 'left' | 'terms' | 'alert' | 'code' | 'connection' | 'recording' | 'identity';

/** One line of the meeting's log: kept while the page is open, shown under the shield. */
export interface LogEntry {
    time_ms: number;
    kind: LogKind;
    /** A state, a rule's name, or why. */
    what: string;
    name: string;
    text: string;
    epoch: number;
}

export type Phase = 'connecting' | 'waiting' | 'room' | 'over';

export interface RoomModel {
    phase: Phase;
    state: ShieldState;
    epoch: number;
    connection: { up: boolean; why: string; since_ms: number };
    /** In order of entry: tiles are drawn in this order and never jump. */
    people: readonly Member[];
    knocks: readonly Knock[];
    shortCode: string;
    /** Newest first; older than ten minutes are forgotten. */
    codes: readonly Code[];
    locked: boolean;
    /** How far our clock is from the server's; 0: near enough. */
    clockOffset_ms: number;
    /** Joined by number: nothing binds what we see to a link. */
    unbound: boolean;
    /** A log of certificates that shows people different lists, or owes proofs: then nobody is verified by it. */
    logTrouble: '' | 'log-fork' | 'log-withholds';
    /** By leaf: why their picture or sound does not arrive. */
    trouble: ReadonlyMap<number, Trouble>;
    maySend: boolean;
    log: readonly LogEntry[];
    ended: { why: string; text: string } | null;
    failed: string;
}

export const CODES_KEPT_MS = 10 * 60 * 1000;
export const LOG_KEPT = 500;

export const EMPTY: RoomModel = {
    phase: 'connecting',
    state: 'connecting',
    epoch: 0,
    connection: { up: false, why: '', since_ms: 0 },
    people: [],
    knocks: [],
    shortCode: '',
    codes: [],
    locked: false,
    clockOffset_ms: 0,
    unbound: false,
    logTrouble: '',
    trouble: new Map(),
    maySend: false,
    log: [],
    ended: null,
    failed: '',
};

export function self(m: RoomModel): Member | undefined {
    return m.people.find((p) => p.self);
}

/** Whom to compare the code with: nobody vouches for them, or their key is not the one we know. Hosts first, then by entry. */
export function toCompare(m: RoomModel): readonly Member[] {
    const strange = (p: Person) =>
        p.pinned === 'changed' || (p.identity === 'unverified' && p.pinned !== 'match');
    const open = m.people.filter((p) => !p.self && strange(p));
    return [...open].sort((a, b) => Number(b.host) - Number(a.host));
}

/** Devices of one person, as far as certificates show that: the same verified name. Others stand alone,
 * and so does a key that is not the known one: it must not hide behind the person's other devices. */
export interface PersonRow {
    key: string;
    first: Member;
    devices: readonly Member[];
}

export function rows(people: readonly Member[]): readonly PersonRow[] {
    const found = new Map<string, Member[]>();
    for (const p of people) {
        const alone = p.identity === 'unverified' || p.pinned === 'changed';
        const key = alone ? `leaf ${p.leaf}` : `${p.identity} ${p.name}`;
        found.set(key, [...(found.get(key) ?? []), p]);
    }
    return [...found].map(([key, devices]) => ({ key, first: devices[0] as Member, devices }));
}
