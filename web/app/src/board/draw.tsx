// Elements as SVG, with the numbers of lib/together/src/board_svg.c, so that screen and export agree.
import type { JSX } from 'preact';
import { UNIT } from './geometry';
import type { BoardElement } from './types';

export const INKS = [
    '#1f2933',
    '#6b7280',
    '#c8321f',
    '#b85c00',
    '#8a6d00',
    '#1c7c3a',
    '#0b7285',
    '#1f5fbf',
    '#6b3fa0',
    '#b3246b',
] as const;
const TINTS = [
    '#eceff2',
    '#e5e7eb',
    '#fbdcd6',
    '#ffe3c2',
    '#fff3b0',
    '#d3f2dc',
    '#d0eff4',
    '#d7e6fb',
    '#e8dcf7',
    '#fbd9e9',
] as const;

const ink = (e: BoardElement) => INKS[e.colour] ?? INKS[0];
const tint = (e: BoardElement) => TINTS[e.colour] ?? TINTS[0];
const px = (v: number) => v / UNIT;

/** Up to `most` characters, cut at a space where there is one. */
function wrapLine(line: string, most: number): string[] {
    const out: string[] = [];
    let rest = Array.from(line);
    while (rest.length > most) {
        const space = rest.slice(0, most + 1).lastIndexOf(' ');
        const n = space > 0 ? space : most;
        out.push(rest.slice(0, n).join(''));
        rest = rest.slice(rest[n] === ' ' ? n + 1 : n);
    }
    return [...out, rest.join('')];
}

function Letters({ e, inset }: { e: BoardElement; inset: number }) {
    const room = px(e.w) - 2 * inset;
    const most = Math.max(1, Math.floor(room / (e.width * 0.56)));
    const lines = (e.text ?? '').split('\n').flatMap((l) => wrapLine(l, most));
    const x = px(e.x) + inset;
    const y = px(e.y) + inset + e.width * 0.9;
    return (
        <text
            class="board-letters"
            font-size={e.width}
            fill={e.type === 'note' ? INKS[0] : ink(e)}
        >
            {lines.map((l, i) => (
                <tspan key={i} x={x} y={y + i * e.width * 1.3}>
                    {l}
                </tspan>
            ))}
        </text>
    );
}

function penPath(points: readonly number[]): string {
    let d = '';
    for (let i = 0; i + 1 < points.length; i += 2)
        d += `${i ? 'L' : 'M'}${px(points[i] ?? 0)} ${px(points[i + 1] ?? 0)}`;
    return points.length === 2 ? d + 'l0 0' : d;
}

/** Both barbs stand 0.45 rad off. */
function arrowPath(e: BoardElement): string {
    const [x, y] = [px(e.x + e.w), px(e.y + e.h)];
    const length = Math.hypot(px(e.w), px(e.h));
    const k = length ? (10 + 3 * e.width) / length : 0;
    const [dx, dy] = [-px(e.w) * k, -px(e.h) * k];
    const one = `${x + 0.9 * dx - 0.435 * dy} ${y + 0.435 * dx + 0.9 * dy}`;
    const two = `${x + 0.9 * dx + 0.435 * dy} ${y - 0.435 * dx + 0.9 * dy}`;
    return `M${px(e.x)} ${px(e.y)}L${x} ${y}M${one}L${x} ${y}L${two}`;
}

export function imageUrl(e: BoardElement): string {
    const plain = (e.image ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return `data:${e.image_type ?? 'image/png'};base64,${plain}`;
}

export function Shape({ e }: { e: BoardElement }): JSX.Element | null {
    const line = {
        class: 'board-line',
        fill: e.fill ? tint(e) : 'none',
        stroke: ink(e),
        'stroke-width': e.width,
    };
    const box = { x: px(e.x), y: px(e.y), width: px(e.w), height: px(e.h) };
    switch (e.type) {
        case 'pen':
            return <path d={penPath(e.points ?? [])} {...line} />;
        case 'line':
            return <path d={`M${box.x} ${box.y}l${box.width} ${box.height}`} {...line} />;
        case 'arrow':
            return <path d={arrowPath(e)} {...line} />;
        case 'rect':
            return <rect {...box} {...line} />;
        case 'ellipse':
            return (
                <ellipse
                    cx={box.x + box.width / 2}
                    cy={box.y + box.height / 2}
                    rx={box.width / 2}
                    ry={box.height / 2}
                    {...line}
                />
            );
        case 'text':
            return <Letters e={e} inset={0} />;
        case 'note':
            return (
                <>
                    <rect {...box} rx={4} fill={tint(e)} stroke={ink(e)} stroke-width={1} />
                    <Letters e={e} inset={12} />
                </>
            );
        case 'image':
            return <image {...box} href={imageUrl(e)} />;
        default:
            return null;
    }
}
