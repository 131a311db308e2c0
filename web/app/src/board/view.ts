// Which part of the board is seen: an origin in board units and how many screen pixels a unit has.
import { signal } from '@preact/signals';
import { boxOfAll, UNIT } from './geometry';
import { elements } from './model';

export interface View {
    x: number;
    y: number;
    scale: number;
}

const LEAST = 0.1 / UNIT;
const MOST = 4 / UNIT;
export const view = signal<View>({ x: -16 * UNIT, y: -16 * UNIT, scale: 1 / UNIT });
/** The surface on the screen, in pixels. */
export const room = signal({ w: 800, h: 500 });

export function zoomAt(factor: number, px: number, py: number): void {
    const v = view.value;
    const scale = Math.min(MOST, Math.max(LEAST, v.scale * factor));
    view.value = { x: v.x + px / v.scale - px / scale, y: v.y + py / v.scale - py / scale, scale };
}

export function pan(dx: number, dy: number): void {
    const v = view.value;
    view.value = { ...v, x: v.x - dx / v.scale, y: v.y - dy / v.scale };
}

/** Everything that is drawn, with a margin; a fresh board at the size of nature. */
export function fit(): void {
    const box = boxOfAll(elements.value.values());
    const { w, h } = room.value;
    if (!box) {
        view.value = { x: -16 * UNIT, y: -16 * UNIT, scale: 1 / UNIT };
        return;
    }
    const margin = 24;
    const fits = Math.min(
        (w - 2 * margin) / Math.max(box.w, 1),
        (h - 2 * margin) / Math.max(box.h, 1),
    );
    const scale = Math.min(1 / UNIT, Math.max(LEAST, fits));
    view.value = {
        x: box.x + box.w / 2 - w / 2 / scale,
        y: box.y + box.h / 2 - h / 2 / scale,
        scale,
    };
}

export function middle(): { x: number; y: number } {
    const v = view.value;
    return { x: v.x + room.value.w / 2 / v.scale, y: v.y + room.value.h / 2 / v.scale };
}
