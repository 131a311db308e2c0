// What the pointer does on the board, by the tool in hand. One gesture at a time; two fingers move the sheet.
import { signal } from '@preact/signals';
import { POINTS_MAX } from './codec';
import { boxOf, moved, resized, thinned, UNIT } from './geometry';
import { elements, fresh, selected, tool, write } from './model';
import { editing } from './editing';
import type { BoardElement } from './types';
import { pan, view, zoomAt } from './view';

/** Under the hand now: a new element, or one that is being moved. */
export const draft = signal<BoardElement | null>(null);

type Gesture =
    | { kind: 'draw'; points: number[] }
    | { kind: 'shape'; x: number; y: number }
    | { kind: 'move'; of: BoardElement; x: number; y: number }
    | { kind: 'size'; of: BoardElement }
    | { kind: 'pan' };

const BOXES = ['rect', 'ellipse', 'note', 'text'];
let gesture: Gesture | null = null;
let surface: Element | null = null;
const fingers = new Map<number, { x: number; y: number }>();

function at(e: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = surface?.getBoundingClientRect();
    const v = view.value;
    return {
        x: v.x + (e.clientX - (box?.left ?? 0)) / v.scale,
        y: v.y + (e.clientY - (box?.top ?? 0)) / v.scale,
    };
}

function elementUnder(target: EventTarget | null): BoardElement | undefined {
    const id = (target as Element | null)?.closest('[data-id]')?.getAttribute('data-id');
    return id ? elements.value.get(id) : undefined;
}

function beginSelect(e: PointerEvent, x: number, y: number): Gesture | null {
    const handle = (e.target as Element).closest('[data-handle]');
    const chosen = selected.value ? elements.value.get(selected.value) : undefined;
    if (handle && chosen) return { kind: 'size', of: chosen };
    const of = elementUnder(e.target);
    selected.value = of?.id ?? null;
    return of ? { kind: 'move', of, x, y } : { kind: 'pan' };
}

function begin(e: PointerEvent): Gesture | null {
    const { x, y } = at(e);
    if (e.button === 1 || e.button === 2) return { kind: 'pan' };
    if (tool.value === 'select') return beginSelect(e, x, y);
    selected.value = null;
    if (tool.value === 'pen') {
        draft.value = { ...fresh('pen', x, y), points: [Math.round(x), Math.round(y)] };
        return { kind: 'draw', points: [Math.round(x), Math.round(y)] };
    }
    if (tool.value === 'image') return { kind: 'pan' };
    draft.value = fresh(tool.value, x, y);
    return { kind: 'shape', x, y };
}

function shapeTo(g: { x: number; y: number }, x: number, y: number, even: boolean): void {
    const d = draft.value;
    if (!d) return;
    let w = Math.round(x - g.x);
    let h = Math.round(y - g.y);
    if (even && d.type !== 'line' && d.type !== 'arrow') {
        const side = Math.max(Math.abs(w), Math.abs(h));
        w = side * Math.sign(w || 1);
        h = side * Math.sign(h || 1);
    }
    if (!BOXES.includes(d.type)) draft.value = { ...d, w, h };
    else
        draft.value = {
            ...d,
            x: Math.round(Math.min(g.x, g.x + w)),
            y: Math.round(Math.min(g.y, g.y + h)),
            w: Math.abs(w),
            h: Math.abs(h),
        };
}

function go(g: Gesture, e: PointerEvent): void {
    const { x, y } = at(e);
    switch (g.kind) {
        case 'draw':
            for (const c of e.getCoalescedEvents?.() ?? [e]) {
                const p = at(c);
                g.points.push(Math.round(p.x), Math.round(p.y));
            }
            if (draft.value) draft.value = { ...draft.value, points: [...g.points] };
            break;
        case 'shape':
            shapeTo(g, x, y, e.shiftKey);
            break;
        case 'move':
            draft.value = moved(g.of, Math.round(x - g.x), Math.round(y - g.y));
            break;
        case 'size':
            draft.value = resized(g.of, Math.round(x - g.of.x), Math.round(y - g.of.y));
            break;
        case 'pan':
            pan(e.movementX, e.movementY);
            break;
    }
}

function endStroke(points: number[]): void {
    const all = thinned(points, 1.5 / view.value.scale);
    for (let i = 0; i < all.length; i += 2 * (POINTS_MAX - 10)) {
        const part = all.slice(Math.max(0, i - 2), i + 2 * (POINTS_MAX - 10));
        write({ ...fresh('pen', part[0] ?? 0, part[1] ?? 0), points: part });
    }
}

const SIZES: Partial<Record<string, [number, number]>> = {
    note: [180, 130],
    text: [320, 40],
    rect: [160, 100],
    ellipse: [160, 100],
    line: [160, 0],
    arrow: [160, 0],
};

/** A click without a drag gives the usual size. */
export function usual(e: BoardElement): BoardElement {
    const least = 6 / view.value.scale;
    if (Math.abs(e.w) > least || Math.abs(e.h) > least) {
        const low = e.type === 'text' || e.type === 'note' ? 60 * UNIT : 1;
        return BOXES.includes(e.type) ? { ...e, w: Math.max(e.w, low), h: Math.max(e.h, low / 2) } : e;
    }
    const [w, h] = SIZES[e.type] ?? [100, 100];
    return { ...e, w: w * UNIT, h: h * UNIT };
}

/** New text waits for its words; everything else is put at once. */
export function finish(e: BoardElement): void {
    const made = usual(e);
    if (made.type === 'text' || made.type === 'note') editing.value = { ...made, text: '' };
    else write(made);
    if (made.type !== 'line' && made.type !== 'arrow') tool.value = 'select';
}

function end(g: Gesture): void {
    const d = draft.value;
    if (g.kind === 'draw') endStroke(g.points);
    else if (g.kind === 'shape' && d) finish(d);
    else if (d && (g.kind === 'move' || g.kind === 'size')) {
        const was = boxOf(g.of);
        const now = boxOf(d);
        if (was.x !== now.x || was.y !== now.y || was.w !== now.w || was.h !== now.h) write(d);
    }
}

function drop(): void {
    gesture = null;
    draft.value = null;
}

function pinch(e: PointerEvent): void {
    const before = [...fingers.values()];
    fingers.set(e.pointerId, { x: e.clientX, y: e.clientY });
    const after = [...fingers.values()];
    const [a, b, c, d] = [before[0], before[1], after[0], after[1]];
    if (!a || !b || !c || !d) return;
    pan((c.x + d.x - a.x - b.x) / 2, (c.y + d.y - a.y - b.y) / 2);
    const box = surface?.getBoundingClientRect();
    const factor = Math.hypot(c.x - d.x, c.y - d.y) / Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
    zoomAt(factor, (c.x + d.x) / 2 - (box?.left ?? 0), (c.y + d.y) / 2 - (box?.top ?? 0));
}

/** Listens on the surface; the answer ends that. */
export function hold(e: SVGSVGElement): () => void {
    surface = e;
    const down = (p: PointerEvent) => {
        if (editing.value) return;
        fingers.set(p.pointerId, { x: p.clientX, y: p.clientY });
        e.setPointerCapture(p.pointerId);
        e.focus({ preventScroll: true });
        if (fingers.size > 1) drop();
        else gesture = begin(p);
        p.preventDefault();
    };
    const move = (p: PointerEvent) => {
        if (fingers.size > 1) pinch(p);
        else if (gesture) go(gesture, p);
    };
    const up = (p: PointerEvent) => {
        fingers.delete(p.pointerId);
        if (gesture && p.type === 'pointerup') end(gesture);
        drop();
    };
    const wheel = (w: WheelEvent) => {
        w.preventDefault();
        const box = e.getBoundingClientRect();
        if (w.ctrlKey || w.metaKey)
            zoomAt(Math.exp(-w.deltaY / 200), w.clientX - box.left, w.clientY - box.top);
        else pan(-w.deltaX, -w.deltaY);
    };
    const menu = (m: Event) => m.preventDefault();
    e.addEventListener('pointerdown', down);
    e.addEventListener('pointermove', move);
    e.addEventListener('pointerup', up);
    e.addEventListener('pointercancel', up);
    e.addEventListener('wheel', wheel, { passive: false });
    e.addEventListener('contextmenu', menu);
    return () => {
        e.removeEventListener('pointerdown', down);
        e.removeEventListener('pointermove', move);
        e.removeEventListener('pointerup', up);
        e.removeEventListener('pointercancel', up);
        e.removeEventListener('wheel', wheel);
        e.removeEventListener('contextmenu', menu);
        fingers.clear();
        drop();
        surface = null;
    };
}
