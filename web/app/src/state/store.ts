// The model as signals. A component that reads one is redrawn when that part has changed, and only then.
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Core } from '../core/types';
import { EMPTY, rows, self, toCompare, type Member, type RoomModel } from './model';
import { reduce, type RoomEvent } from './reduce';

export interface Room {
    readonly model: ReadonlySignal<RoomModel>;
    readonly phase: ReadonlySignal<RoomModel['phase']>;
    readonly state: ReadonlySignal<RoomModel['state']>;
    readonly people: ReadonlySignal<readonly Member[]>;
    readonly rows: ReadonlySignal<ReturnType<typeof rows>>;
    readonly self: ReadonlySignal<Member | undefined>;
    readonly isHost: ReadonlySignal<boolean>;
    readonly knocks: ReadonlySignal<RoomModel['knocks']>;
    readonly codes: ReadonlySignal<RoomModel['codes']>;
    readonly locked: ReadonlySignal<boolean>;
    readonly connection: ReadonlySignal<RoomModel['connection']>;
    readonly trouble: ReadonlySignal<RoomModel['trouble']>;
    readonly log: ReadonlySignal<RoomModel['log']>;
    readonly toCompare: ReadonlySignal<readonly Member[]>;
    member(leaf: number): Member | undefined;
    apply(e: RoomEvent): void;
}

export function createRoom(): Room {
    const model = signal<RoomModel>(EMPTY);
    const part = <K extends keyof RoomModel>(k: K) => computed(() => model.value[k]);
    const people = part('people');
    const me = computed(() => self(model.value));
    return {
        model,
        phase: part('phase'),
        state: part('state'),
        people,
        rows: computed(() => rows(people.value)),
        self: me,
        isHost: computed(() => me.value?.host ?? false),
        knocks: part('knocks'),
        codes: part('codes'),
        locked: part('locked'),
        connection: part('connection'),
        trouble: part('trouble'),
        log: part('log'),
        toCompare: computed(() => toCompare(model.value)),
        member: (leaf) => people.peek().find((p) => p.leaf === leaf),
        apply: (e) =>
            batch(() => {
                model.value = reduce(model.peek(), { ...e, time_ms: e.time_ms ?? Date.now() });
            }),
    };
}

/** Feeds a room from a core; the answer ends that. */
export function follow(room: Room, core: Core): () => void {
    return core.onAny((e) => room.apply(e));
}
