// (model, event) -> model. No clock, no page: the time stands in the event, so recorded meetings replay exactly.
import type { CoreEvent, EventOf, Person, ShieldState } from '../core/types';
import { CODES_KEPT_MS, LOG_KEPT, type LogEntry, type Member, type RoomModel } from './model';
import type { StatusEvent } from './types';

export type RoomEvent = CoreEvent | (StatusEvent & { time_ms?: number });

const IN_ROOM: readonly ShieldState[] = ['e2ee', 'e2ee_compare', 'cut_off'];

function logged(m: RoomModel, e: Partial<LogEntry> & Pick<LogEntry, 'kind' | 'time_ms'>): RoomModel {
    const entry: LogEntry = { what: '', name: '', text: '', epoch: m.epoch, ...e };
    return { ...m, log: [...m.log.slice(1 - LOG_KEPT), entry] };
}

function onState(m: RoomModel, e: EventOf<'state'>, now: number): RoomModel {
    let phase = m.phase;
    if (e.state === 'over') phase = 'over';
    else if (e.state === 'waiting_host' || e.state === 'in_lobby') phase = 'waiting';
    else if (IN_ROOM.includes(e.state)) phase = 'room';
    const next = { ...m, state: e.state, epoch: Math.max(e.epoch, m.epoch), phase };
    return m.state === e.state ? next : logged(next, { kind: 'state', what: e.state, time_ms: now });
}

function onCode(m: RoomModel, e: EventOf<'code'>, now: number): RoomModel {
    const committer = e.committer?.name ?? '';
    const code = { epoch: e.epoch, code: e.code, devices: e.devices, time_ms: now, committer };
    const kept = m.codes.filter((c, i) => c.epoch !== e.epoch && stillShown(m, i, now));
    const next = { ...m, codes: [code, ...kept], epoch: e.epoch };
    return logged(next, { kind: 'code', name: committer, epoch: e.epoch, time_ms: now });
}

/** An epoch's code is shown for ten minutes after the next one came: people may still be reading it out. */
function stillShown(m: RoomModel, i: number, now: number): boolean {
    const ended = i === 0 ? now : (m.codes[i - 1]?.time_ms ?? now);
    return now - ended < CODES_KEPT_MS;
}

function withPerson(m: RoomModel, p: Person, now: number): RoomModel {
    const known = m.people.find((q) => q.leaf === p.leaf);
    if (!known || known.key_hash !== p.key_hash) {
        const member: Member = { ...p, entered_ms: now, status: null };
        const others = m.people.filter((q) => q.leaf !== p.leaf);
        return { ...m, people: [...others, member], trouble: without(m.trouble, p.leaf) };
    }
    const people = m.people.map((q) => (q === known ? { ...q, ...p } : q));
    return { ...m, people };
}

function without<V>(map: ReadonlyMap<number, V>, key: number): ReadonlyMap<number, V> {
    if (!map.has(key)) return map;
    const next = new Map(map);
    next.delete(key);
    return next;
}

function onJoined(m: RoomModel, e: EventOf<'joined'>, now: number): RoomModel {
    const next = withPerson(m, e.person, now);
    const phase = e.person.self ? 'room' : next.phase;
    if (e.present) return { ...next, phase };
    const line = { kind: 'joined', name: e.person.name, epoch: e.epoch, time_ms: now } as const;
    return logged({ ...next, phase }, line);
}

function onLeft(m: RoomModel, e: EventOf<'left'>, now: number): RoomModel {
    const people = m.people.filter((p) => p.leaf !== e.person.leaf);
    const next = { ...m, people, trouble: without(m.trouble, e.person.leaf) };
    const line = { kind: 'left', name: e.person.name, what: e.why, epoch: e.epoch } as const;
    return logged(next, { ...line, time_ms: now });
}

/** Of whoever was shown as verified and is not, or the other way round. */
function onIdentity(m: RoomModel, e: EventOf<'identity'>, now: number): RoomModel {
    const { person } = e;
    const before = m.people.find((p) => p.leaf === person.leaf);
    const next = withPerson(m, person, now);
    if (!before || person.self) return next;
    const line = { kind: 'identity', name: person.name, epoch: m.epoch, time_ms: now } as const;
    if (person.identity === before.identity) return next;
    if (person.identity === 'unverified') return logged(next, { ...line, what: 'lost', text: person.reason ?? '' });
    return logged(next, { ...line, what: 'verified', text: person.vouched_by ?? '' });
}

function onKnock(m: RoomModel, e: EventOf<'knock'>, now: number): RoomModel {
    const { knock, person, short_code, barred, lacks = '' } = e;
    const before = m.knocks.find((k) => k.knock === knock); // who waits is seen otherwise now
    const next = { knock, person, short_code, barred, lacks, since_ms: before?.since_ms ?? now };
    if (before) return { ...m, knocks: m.knocks.map((k) => (k === before ? next : k)) };
    return { ...m, knocks: [...m.knocks, next] };
}

function asHost(p: Member, host: boolean): Member {
    return p.host === host ? p : { ...p, host };
}

function onTerms(m: RoomModel, e: EventOf<'terms'>, now: number): RoomModel {
    const { hosts } = e;
    const people = hosts ? m.people.map((p) => asHost(p, hosts.includes(p.leaf))) : m.people;
    const next = { ...m, people, locked: e.locked ?? m.locked };
    if (!e.text) return next; // at our entry: how things are, not what changed
    const named = people.find((p, i) => p.host && !m.people[i]?.host);
    if (named) return logged(next, { kind: 'terms', what: 'host', name: named.name, epoch: e.epoch, time_ms: now });
    const what = next.locked !== m.locked ? (next.locked ? 'locked' : 'unlocked') : e.rule;
    return logged(next, { kind: 'terms', what, text: e.text, epoch: e.epoch, time_ms: now });
}

/** Two faces are for good: both heads are signed. A proof that comes after all ends the other trouble. */
function logTrouble(m: RoomModel, rule: string): RoomModel['logTrouble'] {
    if (rule === 'log-fork' || m.logTrouble === 'log-fork') return 'log-fork';
    if (rule === 'log-withholds') return rule;
    return rule === 'log-answers' ? '' : m.logTrouble;
}

function onAlert(m: RoomModel, e: EventOf<'alert'>, now: number): RoomModel {
    const next = { ...m, unbound: m.unbound || e.rule === 'not-bound-to-link', logTrouble: logTrouble(m, e.rule) };
    if (e.rule === 'pin-changed')
        return logged(next, { kind: 'identity', what: 'changed', name: e.person.name, time_ms: now });
    const line = { kind: 'alert', what: e.rule, name: e.person.name, text: e.text } as const;
    return logged(next, { ...line, time_ms: now });
}

function onStatus(m: RoomModel, e: StatusEvent, now: number): RoomModel {
    const { microphone, camera, sharing, recording, hand } = e;
    const before = m.people.find((p) => p.leaf === e.person.leaf);
    const status = { microphone, camera, sharing, recording, hand };
    const people = m.people.map((p) => (p === before ? { ...p, status } : p));
    const next = { ...m, people };
    if (!before || (before.status?.recording ?? false) === recording) return next;
    const what = recording ? 'started' : 'stopped';
    return logged(next, { kind: 'recording', what, name: before.name, time_ms: now });
}

function onConnection(m: RoomModel, e: EventOf<'connection'>, now: number): RoomModel {
    if (e.up === m.connection.up && m.connection.since_ms) return m;
    const next = { ...m, connection: { up: e.up, why: e.why, since_ms: now } };
    return logged(next, { kind: 'connection', what: e.up ? 'up' : 'down', text: e.why, time_ms: now });
}

export function reduce(m: RoomModel, e: RoomEvent): RoomModel {
    const now = e.time_ms ?? 0;
    switch (e.event) {
        case 'connection':
            return onConnection(m, e, now);
        case 'state':
            return onState(m, e, now);
        case 'waiting':
            return { ...m, shortCode: e.short_code, phase: 'waiting' };
        case 'refused':
            return { ...m, phase: 'over', ended: { why: e.why, text: e.text ?? '' } };
        case 'knock':
            return onKnock(m, e, now);
        case 'knock_gone':
            return { ...m, knocks: m.knocks.filter((k) => k.knock !== e.knock) };
        case 'code':
            return onCode(m, e, now);
        case 'joined':
            return onJoined(m, e, now);
        case 'left':
            return onLeft(m, e, now);
        case 'away':
            return withPerson(m, e.person, now);
        case 'identity':
            return onIdentity(m, e, now);
        case 'terms':
            return onTerms(m, e, now);
        case 'clock':
            return { ...m, clockOffset_ms: e.offset_ms };
        case 'alert':
            return onAlert(m, e, now);
        case 'trouble':
            return e.leaf < 0
                ? m
                : { ...m, trouble: new Map(m.trouble).set(e.leaf, { why: e.why, time_ms: now }) };
        case 'hearing':
            return { ...m, trouble: without(m.trouble, e.leaf) };
        case 'media_gate':
            return { ...m, maySend: e.open };
        case 'status':
            return onStatus(m, e, now);
        case 'ended':
            return { ...m, phase: 'over', ended: { why: e.why, text: e.text } };
        case 'core_failed':
            return { ...m, failed: e.why };
        default:
            return m;
    }
}
