// What an element is called, for who hears the board.
import { signal, type ReadonlySignal } from '@preact/signals';
import { t } from '../i18n';
import type { Member } from '../state/model';
import type { BoardElement } from './types';

/** Set while a room is open. */
export const people = signal<ReadonlySignal<readonly Member[]> | null>(null);

export function nameOf(author: string): string {
    const all = people.value?.value ?? [];
    const p = all.find((m) => m.key_hash.startsWith(author));
    if (!p) return t('board.somebody');
    return p.self ? t('board.you') : p.name;
}

export function describe(e: BoardElement): string {
    const what = t(`board.tool.${e.type}`);
    const said = e.text ? `: ${e.text.slice(0, 120)}` : '';
    return t('board.element', { what, name: nameOf(e.by) }) + said;
}
