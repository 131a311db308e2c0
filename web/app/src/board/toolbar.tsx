// The board's tools: one toolbar, arrow keys go along it.
import {
    ArrowUpRight,
    BringToFront,
    Circle,
    Download,
    Image as Picture,
    Maximize,
    Minus,
    MousePointer2,
    PaintBucket,
    PenLine,
    Redo2,
    Square,
    StickyNote,
    Trash2,
    Type,
    Undo2,
    X,
} from 'lucide-preact';
import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton, Menu, MenuItem, toast, type Icon } from '../ui';
import { INKS } from './draw';
import { imageElement } from './image';
import {
    bringToFront,
    canRedo,
    canUndo,
    clear,
    colour,
    elements,
    fill,
    fresh,
    isOpen,
    redo,
    remove,
    selected,
    tool,
    undo,
    width,
    write,
    type Tool,
} from './model';
import { savePng, saveSvg } from './save';
import type { BoardElement } from './types';
import { fit, middle } from './view';

const TOOLS: readonly [Tool, Icon][] = [
    ['select', MousePointer2],
    ['pen', PenLine],
    ['line', Minus],
    ['arrow', ArrowUpRight],
    ['rect', Square],
    ['ellipse', Circle],
    ['text', Type],
    ['note', StickyNote],
];
const WIDTHS = [2, 3, 6, 12];

function along(e: KeyboardEvent): void {
    if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return;
    const bar = e.currentTarget as HTMLElement;
    const all = [...bar.querySelectorAll<HTMLElement>('button:not(:disabled)')];
    const now = all.indexOf(document.activeElement as HTMLElement);
    if (now < 0) return;
    all[(now + (e.key === 'ArrowLeft' ? -1 : 1) + all.length) % all.length]?.focus();
    e.preventDefault();
    e.stopPropagation();
}

/** What is chosen takes the new looks, too. */
function change(how: (e: BoardElement) => BoardElement): void {
    const e = selected.value ? elements.value.get(selected.value) : undefined;
    if (e) write(how(e));
}

function Colours() {
    return (
        <div class="board-colours" role="group" aria-label={t('board.colour')}>
            {INKS.map((ink, i) => (
                <button
                    key={ink}
                    type="button"
                    class="board-colour"
                    aria-label={t(`board.colour.${i as 0}`)}
                    aria-pressed={colour.value === i}
                    ref={(b) => {
                        b?.style.setProperty('--ink', ink);
                    }}
                    onClick={() => {
                        colour.value = i;
                        change((e) => ({ ...e, colour: i }));
                    }}
                />
            ))}
        </div>
    );
}

function nextWidth(): void {
    const next = WIDTHS[(WIDTHS.indexOf(width.value) + 1) % WIDTHS.length] ?? 3;
    width.value = next;
    change((e) => (e.type === 'text' || e.type === 'note' ? e : { ...e, width: next }));
}

export async function addImage(file: Blob): Promise<void> {
    const { x, y } = middle();
    const made = await imageElement(file, () => fresh('image', x, y));
    if (!made) {
        toast(t('board.image.failed'));
        return;
    }
    write({ ...made, x: Math.round(x - made.w / 2), y: Math.round(y - made.h / 2) });
    tool.value = 'select';
}

function save(how: () => Promise<string>): void {
    how().then(
        (name) => toast(t('board.saved', { name })),
        () => toast(t('board.saved.failed')),
    );
}

function ImageButton() {
    const input = useRef<HTMLInputElement>(null);
    return (
        <>
            <IconButton
                icon={Picture}
                label={t('board.tool.image')}
                tip="below"
                onClick={() => input.current?.click()}
            />
            <input
                ref={input}
                class="only-heard"
                type="file"
                accept="image/*"
                tabIndex={-1}
                aria-label={t('board.image.choose')}
                onChange={(e) => {
                    const file = e.currentTarget.files?.[0];
                    e.currentTarget.value = '';
                    if (file) void addImage(file);
                }}
            />
        </>
    );
}

export function Toolbar() {
    const chosen = selected.value;
    const filled = fill.value === 1;
    return (
        <div class="board-bar" role="toolbar" aria-label={t('board.tools')} onKeyDown={along}>
            <div class="board-tools">
            {TOOLS.map(([name, icon]) => (
                <IconButton
                    key={name}
                    icon={icon}
                    label={t(`board.tool.${name}`)}
                    tip="below"
                    aria-pressed={tool.value === name}
                    onClick={() => {
                        tool.value = name;
                        if (name !== 'select') selected.value = null;
                    }}
                />
            ))}
            <ImageButton />
            <Colours />
            <button
                type="button"
                class="icon-button board-width"
                aria-label={t('board.width', { n: width.value })}
                onClick={nextWidth}
            >
                <span
                    ref={(s) => {
                        s?.style.setProperty('--width', `${width.value}px`);
                    }}
                />
            </button>
            <IconButton
                icon={PaintBucket}
                label={t('board.fill')}
                tip="below"
                aria-pressed={filled}
                onClick={() => {
                    fill.value = filled ? 0 : 1;
                    change((e) =>
                        e.type === 'rect' || e.type === 'ellipse'
                            ? { ...e, fill: filled ? 0 : 1 }
                            : e,
                    );
                }}
            />
            <IconButton
                icon={Undo2}
                label={t('board.undo')}
                tip="below"
                disabled={!canUndo.value}
                onClick={undo}
            />
            <IconButton
                icon={Redo2}
                label={t('board.redo')}
                tip="below"
                disabled={!canRedo.value}
                onClick={redo}
            />
            <IconButton
                icon={BringToFront}
                label={t('board.front')}
                tip="below"
                disabled={!chosen}
                onClick={() => chosen && bringToFront(chosen)}
            />
            <IconButton
                icon={Trash2}
                label={t('board.delete')}
                tip="below"
                disabled={!chosen}
                onClick={() => chosen && remove(chosen)}
            />
            <IconButton icon={Maximize} label={t('board.fit')} tip="below" onClick={fit} />
            </div>
            <Menu
                label={t('board.save')}
                place="below"
                trigger={(p) => (
                    <IconButton {...p} icon={Download} label={t('board.save')} tip="none" />
                )}
            >
                <MenuItem onClick={() => save(saveSvg)}>{t('board.save.svg')}</MenuItem>
                <MenuItem onClick={() => save(savePng)}>{t('board.save.png')}</MenuItem>
                <MenuItem onClick={clear}>{t('board.clear')}</MenuItem>
            </Menu>
            <IconButton
                icon={X}
                label={t('board.close')}
                tip="below-end"
                onClick={() => {
                    isOpen.value = false;
                }}
            />
        </div>
    );
}
