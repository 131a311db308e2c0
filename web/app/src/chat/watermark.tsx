// The viewer's own identity, tiled over others' pictures: who films the screen films their own name.
import { useEffect, useRef } from 'preact/hooks';
import type { OverlayProps } from '../room/registry';
import { useSession } from '../room/session';
import { watermark } from './terms';

const STEP_X = 220;
const STEP_Y = 96;
const ANGLE = -Math.PI / 9;

/** Draws over the area given; the recording uses it too. */
export function drawWatermark(
    c: CanvasRenderingContext2D,
    [x, y, w, h]: readonly [number, number, number, number],
    words: string,
    scale = 1,
): void {
    c.save();
    c.beginPath();
    c.rect(x, y, w, h);
    c.clip();
    c.translate(x + w / 2, y + h / 2);
    c.rotate(ANGLE);
    c.font = `600 ${Math.round(13 * scale)}px system-ui, sans-serif`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    const stepX = Math.max(STEP_X * scale, c.measureText(words).width + 48 * scale);
    const reach = Math.hypot(w, h) / 2;
    for (let row = 0, v = -reach; v <= reach; v += STEP_Y * scale, row++)
        for (let u = -reach - (row % 2 ? stepX / 2 : 0); u <= reach + stepX; u += stepX) {
            c.strokeStyle = 'rgb(0 0 0 / 22%)';
            c.lineWidth = 2 * scale;
            c.strokeText(words, u, v);
            c.fillStyle = 'rgb(255 255 255 / 30%)';
            c.fillText(words, u, v);
        }
    c.restore();
}

/** "Ben · 3f9a 12c4": the name, and the beginning of the device's key. */
export function watermarkWords(name: string, keyHash: string): string {
    return `${name} · ${keyHash.slice(0, 4)} ${keyHash.slice(4, 8)}`;
}

export function Watermark({ self }: OverlayProps) {
    const { room } = useSession();
    const box = useRef<HTMLCanvasElement>(null);
    const me = room.self.value;
    const on = watermark.value && !self && me !== undefined;
    const words = me ? watermarkWords(me.name, me.key_hash) : '';
    useEffect(() => {
        const canvas = box.current;
        if (!canvas) return undefined;
        const draw = () => {
            const { clientWidth: w, clientHeight: h } = canvas;
            const dense = window.devicePixelRatio || 1;
            canvas.width = w * dense;
            canvas.height = h * dense;
            const c = canvas.getContext('2d');
            if (c) drawWatermark(c, [0, 0, canvas.width, canvas.height], words, dense);
        };
        const watch = new ResizeObserver(draw);
        watch.observe(canvas);
        return () => watch.disconnect();
    }, [on, words]);
    return on ? <canvas ref={box} class="watermark" aria-hidden="true" data-words={words} /> : null;
}
