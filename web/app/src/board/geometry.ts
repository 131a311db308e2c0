// Boxes and distances of elements, in board units.
import type { BoardElement } from './types';

export const UNIT = 8;

export interface Box {
    x: number;
    y: number;
    w: number;
    h: number;
}

export function boxOf(e: BoardElement): Box {
    if (e.type !== 'pen')
        return {
            x: Math.min(e.x, e.x + e.w),
            y: Math.min(e.y, e.y + e.h),
            w: Math.abs(e.w),
            h: Math.abs(e.h),
        };
    const p = e.points ?? [];
    const xs = p.filter((_, i) => i % 2 === 0);
    const ys = p.filter((_, i) => i % 2 === 1);
    const x = Math.min(...xs);
    const y = Math.min(...ys);
    return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}

export function boxOfAll(all: Iterable<BoardElement>): Box | null {
    const boxes = [...all].map(boxOf);
    if (boxes.length === 0) return null;
    const x = boxes.reduce((v, b) => Math.min(v, b.x), Infinity);
    const y = boxes.reduce((v, b) => Math.min(v, b.y), Infinity);
    const right = boxes.reduce((v, b) => Math.max(v, b.x + b.w), -Infinity);
    const low = boxes.reduce((v, b) => Math.max(v, b.y + b.h), -Infinity);
    return { x, y, w: right - x, h: low - y };
}

export function moved(e: BoardElement, dx: number, dy: number): BoardElement {
    const points = e.points?.map((v, i) => v + (i % 2 ? dy : dx));
    return { ...e, x: e.x + dx, y: e.y + dy, ...(points && { points }) };
}

/** By its lower right corner; lines by their end. Strokes keep their size. */
export function resized(e: BoardElement, w: number, h: number): BoardElement {
    if (e.type === 'pen') return e;
    if (e.type === 'line' || e.type === 'arrow') return { ...e, w, h };
    const least = e.type === 'text' || e.type === 'note' ? 40 * UNIT : UNIT;
    if (e.type !== 'image') return { ...e, w: Math.max(least, w), h: Math.max(least, h) };
    const scale = Math.max(0.05, w / Math.max(1, e.w));
    return { ...e, w: Math.round(e.w * scale), h: Math.round(e.h * scale) };
}

/** Drops points that a straight line would show as well. */
export function thinned(points: readonly number[], least: number): number[] {
    const out = points.slice(0, 2);
    for (let i = 2; i + 1 < points.length; i += 2) {
        const [x = 0, y = 0] = out.slice(-2);
        const far = Math.hypot((points[i] ?? 0) - x, (points[i + 1] ?? 0) - y);
        if (far >= least || i + 3 > points.length) out.push(points[i] ?? 0, points[i + 1] ?? 0);
    }
    return out;
}
