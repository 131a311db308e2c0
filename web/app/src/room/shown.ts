// Which pictures are on the screen, and how large: the forwarder sends no more than that.
import { useEffect, useRef } from 'preact/hooks';
import type { PictureKind, RoomMedia, Shown } from '../rtc/types';

interface Entry extends Shown {
    /** Smaller is more important: 0 the stage. */
    rank: number;
}

const entries = new Map<symbol, Entry>();
let due = false;

function tell(media: RoomMedia): void {
    if (due) return;
    due = true;
    queueMicrotask(() => {
        due = false;
        const best = new Map<string, Entry>();
        for (const e of entries.values()) {
            const key = `${e.kind} ${e.leaf}`;
            const other = best.get(key);
            if (!other || e.height > other.height) best.set(key, e);
        }
        const sorted = [...best.values()].sort((a, b) => a.rank - b.rank || b.height - a.height);
        media.show(sorted.map(({ leaf, kind, height }) => ({ leaf, kind, height })));
    });
}

/** For the element that shows somebody's picture; it is asked for in the size in which it is seen. */
export function useShown<T extends HTMLElement>(
    media: RoomMedia,
    leaf: number | null,
    kind: PictureKind,
    rank: number,
) {
    const ref = useRef<T>(null);
    useEffect(() => {
        const e = ref.current;
        if (!e || leaf === null) return undefined;
        const id = Symbol();
        let visible = true;
        const measure = () => {
            const height = visible ? Math.round(e.clientHeight * devicePixelRatio) : 0;
            entries.set(id, { leaf, kind, height, rank });
            tell(media);
        };
        const size = new ResizeObserver(measure);
        const sight = new IntersectionObserver(([entry]) => {
            visible = entry?.isIntersecting ?? true;
            measure();
        });
        size.observe(e);
        sight.observe(e);
        measure();
        return () => {
            size.disconnect();
            sight.disconnect();
            entries.delete(id);
            tell(media);
        };
    }, [media, leaf, kind, rank]);
    return ref;
}
