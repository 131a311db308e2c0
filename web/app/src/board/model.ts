// What the page knows of the board: elements by id, what is drawn and not yet back, the tool in hand.
import { batch, computed, signal } from '@preact/signals';
import type { Core } from '../core/types';
import { toast } from '../ui';
import { t, tMaybe } from '../i18n';
import { encodeOp, ITEMS_MAX, type Item } from './codec';
import type { BoardElement, BoardEvent, ElementType } from './types';

export type Tool = 'select' | ElementType;

export const elements = signal<ReadonlyMap<string, BoardElement>>(new Map());
/** Said, and not yet back in its order: shown meanwhile. */
export const pending = signal<readonly BoardElement[]>([]);
export const synced = signal(false);
export const canUndo = signal(false);
export const canRedo = signal(false);
export const isOpen = signal(false);
/** Elements that came while the board was not open. */
export const news = signal(0);

export const tool = signal<Tool>('pen');
export const colour = signal(0);
export const width = signal(3);
export const fill = signal(0);
export const selected = signal<string | null>(null);

export const inOrder = computed(() =>
    [...elements.value.values()].sort((a, b) => a.z - b.z || (a.id < b.id ? -1 : 1)),
);

let core: Core | null = null;

function sameAs(a: BoardElement, b: BoardElement): boolean {
    if (b.id) return a.id === b.id;
    return a.type === b.type && a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}

function take(e: Extract<BoardEvent, { event: 'board' }>): void {
    const next = new Map(e.cleared ? [] : elements.peek());
    for (const id of e.gone) next.delete(id);
    for (const el of e.put) next.set(el.id, el);
    elements.value = next;
    if (e.person.self)
        pending.value = pending.peek().filter((p) => !e.put.some((el) => sameAs(el, p)));
    else if (!isOpen.peek()) news.value += e.put.length;
}

function hear(e: BoardEvent): void {
    batch(() => {
        if (e.event === 'board_refused') {
            if (e.person.self) {
                pending.value = [];
                toast(tMaybe(`board.rule.${e.rule}`, {}) ?? t('board.refused'));
            }
            return;
        }
        if (e.event === 'board') take(e);
        if (e.event === 'board_whole') {
            elements.value = new Map(e.put.map((el) => [el.id, el]));
            pending.value = [];
        }
        synced.value = e.synced;
        canUndo.value = e.undo;
        canRedo.value = e.redo;
        const id = selected.peek();
        if (id && !elements.peek().has(id)) selected.value = null;
    });
}

export function follow(c: Core): () => void {
    core = c;
    const ends = [
        c.on('board', hear),
        c.on('board_whole', hear),
        c.on('board_sync', hear),
        c.on('board_refused', hear),
    ];
    return () => {
        ends.forEach((end) => end());
        batch(() => {
            core = null;
            elements.value = new Map();
            pending.value = [];
            isOpen.value = false;
            news.value = 0;
        });
    };
}

function failed(): void {
    pending.value = [];
    toast(t('board.refused'));
}

export function act(items: readonly Item[]): void {
    for (let i = 0; i < items.length; i += ITEMS_MAX)
        core?.do({ do: 'board_do', op: encodeOp(items.slice(i, i + ITEMS_MAX)) }).catch(failed);
}

/** Puts a new element, or changes one that is there. */
export function write(e: BoardElement): void {
    const made = { ...e, x: Math.round(e.x), y: Math.round(e.y), w: Math.round(e.w), h: Math.round(e.h) };
    pending.value = [...pending.peek(), made];
    canUndo.value = true;
    act([{ what: e.id ? 'change' : 'put', element: made }]);
}

export function remove(id: string): void {
    selected.value = null;
    act([{ what: 'delete', id }]);
}

export function undo(): void {
    core?.do({ do: 'board_undo' }).catch(() => undefined); // nothing left to take back
}

export function redo(): void {
    core?.do({ do: 'board_redo' }).catch(() => undefined);
}

export function clear(): void {
    core?.do({ do: 'board_clear' }).catch(failed);
}

export async function svg(): Promise<string> {
    if (!core) throw new Error('no board');
    return (await core.do({ do: 'board_svg' })).svg;
}

export function fresh(type: ElementType, x: number, y: number): BoardElement {
    const lettered = type === 'text' || type === 'note';
    return {
        id: '',
        by: '',
        type,
        colour: type === 'note' && colour.value === 0 ? 4 : colour.value,
        fill: type === 'rect' || type === 'ellipse' ? fill.value : 0,
        width: lettered ? 18 : width.value,
        z: 0,
        x: Math.round(x),
        y: Math.round(y),
        w: 0,
        h: 0,
    };
}

export function bringToFront(id: string): void {
    const e = elements.value.get(id);
    const top = inOrder.value.at(-1);
    if (e && top && top.id !== id) write({ ...e, z: top.z + 1 });
}
