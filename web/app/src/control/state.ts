// Annotation and remote control as the page knows them: who drew what over whose picture, who controls whose screen.
import { batch, signal } from '@preact/signals';
import type { Core, ControlEvent, Person } from '../core/types';
import type { Session } from '../room/session';
import type { Member } from '../state/model';
import { t } from '../i18n';
import { toast } from '../ui';
import { clearBody, strokeBody, switchBody, type Stroke } from './codec';

export interface Drawn extends Stroke {
    /** Whose picture. */
    target: string;
    author: string;
    name: string;
    self: boolean;
}

export interface Grant {
    sharer: Person;
    grantee: Person;
    pointer: boolean;
    keys: boolean;
}

export const strokes = signal<readonly Drawn[]>([]);
/** Pictures that must not be drawn on. */
export const off = signal<ReadonlySet<string>>(new Set());
/** Drawing is in hand. */
export const drawing = signal(false);
export const keep = signal(false);
export const grants = signal<readonly Grant[]>([]);
/** The leaf whose screen we have asked for. */
export const asked = signal<number | null>(null);

let session: Session | null = null;

export const authorOf = (p: { key_hash: string }): string => p.key_hash.slice(0, 16);

function hearAnnotation(e: ControlEvent): void {
    switch (e.event) {
        case 'annotation': {
            const drawn = { ...e, author: authorOf(e.person), name: e.person.name, self: e.person.self };
            strokes.value = [
                ...strokes.value.filter((s) => s.author !== drawn.author || s.number !== e.number),
                drawn,
            ];
            break;
        }
        case 'annotation_gone':
            strokes.value = strokes.value.filter(
                (s) => s.author !== authorOf(e.person) || s.number !== e.number,
            );
            break;
        case 'annotation_cleared':
            strokes.value = strokes.value.filter(
                (s) =>
                    (s.target !== e.target && !/^0+$/.test(e.target)) ||
                    (!e.all && s.author !== authorOf(e.person)),
            );
            break;
        case 'annotation_switched': {
            const next = new Set(off.value);
            if (e.on) next.delete(e.target);
            else next.add(e.target);
            off.value = next;
            break;
        }
        case 'annotation_refused':
            if (e.person.self) toast(t('annotate.refused'));
            break;
        default:
    }
}

function tellEnd(e: Extract<ControlEvent, { event: 'control_ended' | 'control_refused' }>): void {
    if (!e.grantee.self && !e.sharer.self) return;
    const name = e.grantee.self ? e.sharer.name : e.grantee.name;
    toast(t(`control.why.${e.why}`, { name }), 8000);
}

function hearControl(e: ControlEvent): void {
    switch (e.event) {
        case 'control_granted':
            grants.value = [...grants.value.filter((g) => g.sharer.leaf !== e.sharer.leaf), e];
            if (e.grantee.self) asked.value = null;
            break;
        case 'control_ended':
            grants.value = grants.value.filter(
                (g) => authorOf(g.sharer) !== authorOf(e.sharer),
            );
            tellEnd(e);
            break;
        case 'control_refused':
            if (e.grantee.self) asked.value = null;
            tellEnd(e);
            break;
        default:
    }
}

const NAMES = [
    'annotation',
    'annotation_gone',
    'annotation_cleared',
    'annotation_switched',
    'annotation_refused',
    'control_granted',
    'control_ended',
    'control_refused',
] as const;

export function follow(s: Session): () => void {
    session = s;
    const hear = (e: ControlEvent) =>
        batch(() => {
            hearAnnotation(e);
            hearControl(e);
        });
    const ends = NAMES.map((n) => s.core.on(n, hear));
    return () => {
        ends.forEach((end) => end());
        session = null;
        batch(() => {
            strokes.value = [];
            off.value = new Set();
            grants.value = [];
            asked.value = null;
            drawing.value = false;
        });
    };
}

function core(): Core | null {
    return session?.core ?? null;
}

function quietly(done: Promise<unknown> | undefined): void {
    done?.catch(() => undefined); // what comes of it is told by events
}

export function draw(target: string, s: Stroke): void {
    quietly(core()?.do({ do: 'annotate', body: strokeBody(target, s) }));
}

export function clearDrawn(target: string): void {
    quietly(core()?.do({ do: 'annotate', body: clearBody(target) }));
}

export function permit(target: string, on: boolean): void {
    quietly(core()?.do({ do: 'annotate', body: switchBody(target, on) }));
}

export function ask(p: Member): void {
    asked.value = p.leaf;
    core()
        ?.do({ do: 'control_request', leaf: p.leaf })
        .catch(() => {
            asked.value = null;
            toast(t('control.cannot'));
        });
}

export function stop(): void {
    asked.value = null;
    quietly(core()?.do({ do: 'control_stop' }));
}

export function revoke(leaf: number): void {
    quietly(core()?.do({ do: 'control_revoke', leaf }));
}

/** The grant by which we control somebody's screen. */
export function held(): Grant | undefined {
    return grants.value.find((g) => g.grantee.self);
}
