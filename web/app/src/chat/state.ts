// What was said in this meeting, in the page's memory alone, and who has the hand up.
import { computed, signal } from '@preact/signals';
import type { EventOf, Person } from '../core/types';
import type { Session } from '../room/session';
import { panel } from '../room/view';
import { toast } from '../ui';
import { t } from '../i18n';
import type { Mark } from './types';

const LINES_KEPT = 5000;

export interface Line {
    seq: number;
    time_ms: number;
    person: Person;
    text: string;
    reply: number;
    mentions: readonly number[];
    everybody: boolean;
    you: boolean;
    marks: readonly Mark[];
}

export const lines = signal<readonly Line[]>([]);
/** Lines up to here have been on the screen. */
const seen = signal(0);
export const unread = computed(
    () => lines.value.filter((l) => l.seq > seen.value && !l.person.self).length,
);
/** The line that is being answered; null: none. */
export const answering = signal<Line | null>(null);
/** In the order in which the hands went up. */
export const hands = signal<readonly Person[]>([]);
/** Who records now. */
export const recorders = signal<readonly Person[]>([]);

export interface Floating {
    id: number;
    sign: string;
    name: string;
}
export const floating = signal<readonly Floating[]>([]);
const FLOAT_MS = 4000;
let floats = 0;

export function markRead(): void {
    seen.value = lines.peek().at(-1)?.seq ?? 0;
}

export function lineOf(seq: number): Line | undefined {
    return lines.peek().find((l) => l.seq === seq);
}

function onLine(e: EventOf<'chat'>): void {
    const line: Line = {
        seq: e.seq,
        time_ms: e.time_ms ?? Date.now(),
        person: e.person,
        text: e.text,
        reply: e.reply ?? 0,
        mentions: e.mentions ?? [],
        everybody: e.everybody ?? false,
        you: e.you ?? false,
        marks: [],
    };
    lines.value = [...lines.peek().slice(1 - LINES_KEPT), line];
    if (panel.peek() === 'chat' && document.hasFocus()) markRead();
    else if (line.you) toast(t('chat.mentioned', { name: e.person.name }), 8000);
}

function onMarks(e: EventOf<'marks'>): void {
    lines.value = lines.peek().map((l) => (l.seq === e.seq ? { ...l, marks: e.marks } : l));
}

function onReaction(e: EventOf<'reaction'>): void {
    const one = { id: ++floats, sign: e.sign, name: e.person.name };
    floating.value = [...floating.peek().slice(-19), one];
    setTimeout(() => {
        floating.value = floating.peek().filter((f) => f !== one);
    }, FLOAT_MS);
}

function onRecords(e: EventOf<'records'>): void {
    const others = recorders.peek().filter((p) => p.key_hash !== e.person.key_hash);
    recorders.value = e.on ? [...others, e.person] : others;
}

function onMute(e: EventOf<'mute_asked'>, session: Session): void {
    if (!e.you) return;
    const was = session.media.microphone.peek().state === 'on';
    void session.media.setMicrophone(false);
    if (was) toast(t('chat.muted_by', { name: e.person.name }), 8000);
}

/** Follows a meeting; the answer ends that, and forgets all. */
export function followTalk(session: Session): () => void {
    const { core } = session;
    const stops = [
        core.on('chat', onLine),
        core.on('marks', onMarks),
        core.on('reaction', onReaction),
        core.on('records', onRecords),
        core.on('hands', (e) => (hands.value = e.people)),
        core.on('mute_asked', (e) => onMute(e, session)),
        panel.subscribe((p) => p === 'chat' && markRead()),
    ];
    return () => {
        stops.forEach((stop) => stop());
        lines.value = [];
        hands.value = [];
        recorders.value = [];
        floating.value = [];
        answering.value = null;
        seen.value = 0;
    };
}
