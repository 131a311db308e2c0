// The board without a pointer: choose, move, change and remove by keys, and put what the tool makes in the middle.
import { say } from '../ui';
import { editing } from './editing';
import { moved, UNIT } from './geometry';
import { finish } from './hand';
import { elements, fresh, inOrder, redo, remove, selected, tool, undo, write } from './model';
import { describe } from './words';
import type { BoardElement } from './types';
import { fit, middle, room, zoomAt } from './view';

const STEPS: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
};

function step(by: number): void {
    const all = inOrder.value;
    if (all.length === 0) return;
    const now = all.findIndex((e) => e.id === selected.value);
    const next = all[(now + by + all.length * 2) % all.length];
    if (!next) return;
    tool.value = 'select';
    selected.value = next.id;
    say(describe(next));
}

function insert(): boolean {
    if (tool.value === 'select' || tool.value === 'pen' || tool.value === 'image') return false;
    const { x, y } = middle();
    finish(fresh(tool.value, x - 80 * UNIT, y - 50 * UNIT));
    return true;
}

function onChosen(e: BoardElement, key: KeyboardEvent): boolean {
    const dir = STEPS[key.key];
    if (dir) {
        const far = (key.shiftKey ? 40 : 8) * UNIT;
        write(moved(e, dir[0] * far, dir[1] * far));
        return true;
    }
    if (key.key === 'Delete' || key.key === 'Backspace') remove(e.id);
    else if (key.key === 'Enter' && e.text !== undefined) editing.value = e;
    else if (key.key === 'Escape') selected.value = null;
    else return false;
    return true;
}

function withControl(key: KeyboardEvent): boolean {
    const letter = key.key.toLowerCase();
    if (letter === 'z') (key.shiftKey ? redo : undo)();
    else if (letter === 'y') redo();
    else return false;
    return true;
}

function act(key: KeyboardEvent): boolean {
    if (key.ctrlKey || key.metaKey) return withControl(key);
    const chosen = selected.value ? elements.value.get(selected.value) : undefined;
    if (chosen && onChosen(chosen, key)) return true;
    if (key.key === 'PageDown') step(1);
    else if (key.key === 'PageUp') step(-1);
    else if (key.key === 'Enter') return insert();
    else if (key.key === '0') fit();
    else if (key.key === '+') zoomAt(1.25, room.value.w / 2, room.value.h / 2);
    else if (key.key === '-') zoomAt(0.8, room.value.w / 2, room.value.h / 2);
    else return false;
    return true;
}

/** For onKeyDown of the surface. */
export function onBoardKey(key: KeyboardEvent): void {
    if (!act(key)) return;
    key.preventDefault();
    key.stopPropagation();
}
