// Which video slot is to carry which picture. A picture that stays on the screen keeps its slot, so
// that tiles do not blink when others come and go. Pure: what is asked for goes in, slots come out.
import type { MediaSource } from '../core/types';
import type { PictureKind, Shown } from './types';
import { KIND, VIDEO_SLOTS } from './wire';

export const pictureKey = (leaf: number, kind: PictureKind): string => `${leaf}:${kind}`;

export interface Choice {
    source: number;
    height: number;
}

/**
 * The height that is asked for, for a tile of that many pixels: a picture of two thirds of the tile
 * is still sharp enough, a smaller one is not. In steps, so that a window that is dragged does not
 * switch layers all the time.
 */
const STEPS = [90, 180, 270, 360, 540, 720, 1080];
const SPARE = 1.5;
export function stepUp(height: number): number {
    if (height <= 0) return 0;
    return STEPS.find((s) => s >= height * SPARE) ?? 0xffff;
}

export class SlotTable {
    /** By slot: what was asked for there. */
    private readonly slots: (Shown | null)[] = new Array<Shown | null>(VIDEO_SLOTS).fill(null);

    /** The most important first; what exceeds the slots is left out. */
    assign(wishes: readonly Shown[]): void {
        const wanted = new Map<string, Shown>();
        for (const w of wishes) {
            if (w.height > 0 && wanted.size < VIDEO_SLOTS)
                wanted.set(pictureKey(w.leaf, w.kind), w);
        }
        this.slots.forEach((s, i) => {
            const key = s && pictureKey(s.leaf, s.kind);
            this.slots[i] = (key && wanted.get(key)) || null;
            if (key) wanted.delete(key);
        });
        for (const wish of wanted.values()) this.slots[this.slots.indexOf(null)] = wish;
    }

    at(slot: number): Shown | null {
        return this.slots[slot] ?? null;
    }

    slotOf(leaf: number, kind: PictureKind): number {
        return this.slots.findIndex((s) => s?.leaf === leaf && s.kind === kind);
    }

    /** What is asked of the server, slot by slot. A picture that nobody sends yet pauses. */
    choices(sources: readonly MediaSource[]): Choice[] {
        return this.slots.map((s) => {
            const source = s && sourceOf(sources, s.leaf, s.kind);
            return source ? { source, height: stepUp(s.height) } : { source: 0, height: 0 };
        });
    }
}

export function sourceOf(sources: readonly MediaSource[], leaf: number, kind: PictureKind): number {
    return sources.find((s) => s.leaf === leaf && s.kind === KIND[kind])?.source ?? 0;
}
