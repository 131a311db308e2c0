// The layer over a shared picture: what is drawn there and by whom, and, with the pen in hand, where to draw.
import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import { INKS } from '../board/draw';
import type { OverlayProps } from '../room/registry';
import { useSession } from '../room/session';
import { POINTS_MAX } from './codec';
import { authorOf, draw, drawing, held, keep, off, strokes, type Drawn } from './state';

const EVERY_MS = 120;
let number = 1 + Math.floor(Math.random() * 1e9);

/** Everybody draws in a colour of their own. */
function colourOf(author: string): number {
    return 2 + (parseInt(author.slice(0, 6), 16) % 8);
}

function path(points: readonly number[]): string {
    let d = '';
    for (let i = 0; i + 1 < points.length; i += 2)
        d += `${i ? 'L' : 'M'}${points[i]} ${points[i + 1]}`;
    return points.length === 2 ? d + 'l1 1' : d;
}

function Line({ s }: { s: Drawn }) {
    return (
        <path
            class={s.keep ? 'annotation-line' : 'annotation-line annotation-fades'}
            d={path(s.points)}
            stroke={INKS[s.colour] ?? INKS[2]}
            stroke-width={s.width}
            vector-effect="non-scaling-stroke"
        />
    );
}

/** Who drew, beside the end of their newest line. */
function Names({ all }: { all: readonly Drawn[] }) {
    const last = new Map(all.map((s) => [s.author, s]));
    return (
        <>
            {[...last.values()].map((s) => (
                <span
                    key={s.author}
                    class="annotation-name"
                    ref={(e) => {
                        const [x = 0, y = 0] = s.points.slice(-2);
                        e?.style.setProperty('--x', `${(x / 65535) * 100}%`);
                        e?.style.setProperty('--y', `${(y / 65535) * 100}%`);
                        e?.style.setProperty('--ink', INKS[s.colour] ?? INKS[2]);
                    }}
                >
                    {s.self ? t('annotate.you') : s.name}
                </span>
            ))}
        </>
    );
}

function clamp(v: number): number {
    return Math.min(65535, Math.max(0, Math.round(v)));
}

export function Annotation({ leaf }: OverlayProps) {
    const { room } = useSession();
    const points = useRef<number[] | null>(null);
    const told = useRef(0);
    const person = room.people.value.find((p) => p.leaf === leaf);
    const me = room.self.value;
    if (!person || !me) return null;
    const target = authorOf(person);
    const all = strokes.value.filter((s) => s.target === target);
    const may = drawing.value && !off.value.has(target) && !held();

    const at = (e: PointerEvent): [number, number] => {
        const box = (e.currentTarget as Element).getBoundingClientRect();
        return [
            clamp(((e.clientX - box.left) / box.width) * 65535),
            clamp(((e.clientY - box.top) / box.height) * 65535),
        ];
    };
    const tell = () => {
        if (!points.current) return;
        told.current = performance.now();
        const mine = { number, colour: colourOf(authorOf(me)), width: 4, keep: keep.value };
        draw(target, { ...mine, points: points.current });
    };
    return (
        <div class={may ? 'annotation annotation-on' : 'annotation'} data-target={target}>
            <svg
                viewBox="0 0 65535 65535"
                preserveAspectRatio="none"
                aria-label={t('annotate.layer', { name: person.name })}
                role="img"
                onPointerDown={(e) => {
                    if (!may || e.button !== 0) return;
                    e.currentTarget.setPointerCapture(e.pointerId);
                    number = (number + 1) >>> 0;
                    points.current = [...at(e)];
                    tell();
                }}
                onPointerMove={(e) => {
                    if (!points.current || points.current.length >= 2 * POINTS_MAX) return;
                    points.current.push(...at(e));
                    if (performance.now() - told.current > EVERY_MS) tell();
                }}
                onPointerUp={() => {
                    tell();
                    points.current = null;
                }}
            >
                {all.map((s) => (
                    <Line key={`${s.author} ${s.number}`} s={s} />
                ))}
            </svg>
            <Names all={all} />
        </div>
    );
}
