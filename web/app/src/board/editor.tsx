// The field over a note or text while it is written. Escape or a click elsewhere ends it.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { editing } from './editing';
import { UNIT } from './geometry';
import { remove, selected, write } from './model';
import { TEXT_MAX } from './codec';
import { view } from './view';

function fits(text: string): string {
    let cut = text.replaceAll('\r', '').replaceAll('\t', '    ');
    while (new TextEncoder().encode(cut).length > TEXT_MAX) cut = cut.slice(0, -1);
    return cut;
}

function done(text: string): void {
    const e = editing.peek();
    if (!e) return;
    editing.value = null;
    const words = fits(text);
    if (words.trim() === '') {
        if (e.id) remove(e.id);
        return;
    }
    if (words === e.text && e.id) return;
    const lines = words.split('\n').length;
    const h = Math.max(e.h, Math.ceil((lines * 1.3 + 1.4) * e.width) * UNIT);
    write({ ...e, h, text: words });
    if (e.id) selected.value = e.id;
}

export function Editor() {
    const e = editing.value;
    const ref = useRef<HTMLTextAreaElement>(null);
    const v = view.value;
    // Before anybody can type: later it would wipe the first letters.
    useLayoutEffect(() => {
        const field = ref.current;
        if (!field || !e) return;
        field.value = e.text ?? '';
        field.focus();
        field.select();
    }, [e]);
    if (!e) return null;
    return (
        <textarea
            ref={(field) => {
                ref.current = field;
                if (!field) return;
                const inset = e.type === 'note' ? 12 * UNIT * v.scale : 0;
                field.style.setProperty('--x', `${(e.x - v.x) * v.scale}px`);
                field.style.setProperty('--y', `${(e.y - v.y) * v.scale}px`);
                field.style.setProperty('--w', `${Math.max(120, e.w * v.scale)}px`);
                field.style.setProperty('--h', `${Math.max(44, e.h * v.scale)}px`);
                field.style.setProperty('--inset', `${inset}px`);
                field.style.setProperty('--size', `${e.width * UNIT * v.scale}px`);
            }}
            class="board-editor"
            aria-label={t(e.type === 'note' ? 'board.note.words' : 'board.text.words')}
            maxLength={TEXT_MAX}
            onBlur={(b) => done(b.currentTarget.value)}
            onKeyDown={(k) => {
                k.stopPropagation();
                if (k.key === 'Escape' || (k.key === 'Enter' && (k.ctrlKey || k.metaKey)))
                    k.currentTarget.blur();
            }}
        />
    );
}
