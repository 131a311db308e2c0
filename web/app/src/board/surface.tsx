// The sheet: what is there, what is on its way, what is under the hand, and what is chosen.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Shape } from './draw';
import { editing } from './editing';
import { Editor } from './editor';
import { boxOf, UNIT } from './geometry';
import { draft, hold } from './hand';
import { onBoardKey } from './keys';
import { elements, inOrder, pending, selected, synced, tool } from './model';
import type { BoardElement } from './types';
import { fit, room, view } from './view';
import { describe, nameOf } from './words';

function Item({ e }: { e: BoardElement }) {
    return (
        <g data-id={e.id} role="img" aria-label={describe(e)}>
            <Shape e={e} />
        </g>
    );
}

function Chosen({ e }: { e: BoardElement }) {
    const b = boxOf(e);
    const thin = 1 / (UNIT * view.value.scale);
    const [x, y] = [b.x / UNIT, b.y / UNIT];
    const [w, h] = [b.w / UNIT, b.h / UNIT];
    const hx = (e.type === 'line' || e.type === 'arrow' ? e.x + e.w : b.x + b.w) / UNIT;
    const hy = (e.type === 'line' || e.type === 'arrow' ? e.y + e.h : b.y + b.h) / UNIT;
    const pad = 6 * thin;
    return (
        <g class="board-chosen">
            <rect
                x={x - pad}
                y={y - pad}
                width={w + 2 * pad}
                height={h + 2 * pad}
                stroke-width={1.5 * thin}
            />
            <text x={x - pad} y={y - pad - 5 * thin} font-size={12 * thin}>
                {nameOf(e.by)}
            </text>
            {e.type !== 'pen' && <circle data-handle="size" cx={hx} cy={hy} r={7 * thin} />}
        </g>
    );
}

function hidden(e: BoardElement): boolean {
    return (
        draft.value?.id === e.id ||
        editing.value?.id === e.id ||
        pending.value.some((p) => p.id === e.id)
    );
}

export function Surface() {
    const ref = useRef<SVGSVGElement>(null);
    const v = view.value;
    const d = draft.value;
    const chosen = selected.value ? elements.value.get(selected.value) : undefined;
    const shown = d?.id ? d : (pending.value.find((p) => p.id === chosen?.id) ?? chosen);
    useEffect(() => {
        const svg = ref.current;
        if (!svg) return undefined;
        const size = new ResizeObserver(() => {
            room.value = { w: svg.clientWidth, h: svg.clientHeight };
        });
        size.observe(svg);
        room.value = { w: svg.clientWidth, h: svg.clientHeight };
        fit();
        const end = hold(svg);
        return () => {
            size.disconnect();
            end();
        };
    }, []);
    const { w, h } = room.value;
    const k = 1 / (v.scale * UNIT);
    return (
        <div class="board-sheet">
            <svg
                ref={ref}
                class={`board-surface board-with-${tool.value}`}
                viewBox={`${v.x / UNIT} ${v.y / UNIT} ${w * k} ${h * k}`}
                tabindex={0}
                role="application"
                aria-roledescription={t('board.title')}
                aria-label={t('board.surface')}
                onKeyDown={onBoardKey}
                onDblClick={(m) => {
                    const id = (m.target as Element).closest('[data-id]')?.getAttribute('data-id');
                    const e = id ? elements.value.get(id) : undefined;
                    if (e?.text !== undefined) editing.value = e;
                }}
            >
                {inOrder.value.map((e) => !hidden(e) && <Item key={e.id} e={e} />)}
                {pending.value.map((e, i) => (
                    <g key={`p${i}`} class="board-pending">
                        <Shape e={e} />
                    </g>
                ))}
                {d && <Shape e={d} />}
                {shown && tool.value === 'select' && !editing.value && <Chosen e={shown} />}
            </svg>
            {!synced.value && (
                <p class="board-wait" role="status">
                    {t('board.fetching')}
                </p>
            )}
            <Editor />
        </div>
    );
}
