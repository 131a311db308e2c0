// The files of this meeting as this page knows them: who shares what, and what is on its way.
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Core, CoreEvent } from '../core/types';
import { t } from '../i18n';
import { toast } from '../ui';
import { panel } from '../room/view';
import { keep } from './save';
import type { FileFault, FileInfo } from './types';

export interface Moving {
    sending: boolean;
    done: number;
    state: 'moving' | 'asked' | 'connection' | 'failed' | 'saved';
    why?: FileFault;
    chunk?: number;
}

export interface Row extends FileInfo {
    /** Who shares it; '' while it is only on its way. */
    by: string;
    own: boolean;
    time_ms: number;
    moving: Moving | null;
    /** A picture's address in this page's memory. */
    picture: string | null;
}

const all = signal<ReadonlyMap<string, Row>>(new Map());
const seen = signal(0);

/** Newest first. */
export const rows: ReadonlySignal<readonly Row[]> = computed(() =>
    [...all.value.values()].sort((a, b) => b.time_ms - a.time_ms),
);
const shared = computed(() => rows.value.filter((r) => r.by && !r.own).length);
export const unseen = computed(() => (panel.value === 'files' ? 0 : Math.max(0, shared.value - seen.value)));

export function markSeen(): void {
    seen.value = shared.value;
}

function change(info: FileInfo, more: (row: Row) => Partial<Row>): void {
    const { file, name, type, size } = info;
    const row = all.value.get(file) ?? {
        ...{ file, name, type, size },
        ...{ by: '', own: true, time_ms: Date.now(), moving: null, picture: null },
    };
    all.value = new Map(all.value).set(file, { ...row, ...more(row) });
}

function drop(file: string): void {
    const next = new Map(all.value);
    const picture = next.get(file)?.picture;
    if (picture) URL.revokeObjectURL(picture);
    next.delete(file);
    all.value = next;
}

/** The row of a file that is asked for now. */
export function asked(info: FileInfo): void {
    change(info, () => ({ moving: { sending: false, done: 0, state: 'moving' } }));
}

export function forget(info: FileInfo): void {
    change(info, () => ({ moving: null }));
}

function shares(e: Extract<CoreEvent, { event: 'file' }>): void {
    const { name, self } = e.person;
    change(e, () => ({ by: name, own: self, time_ms: e.time_ms ?? Date.now() }));
    if (!self && panel.peek() !== 'files') toast(t('files.toast', { who: name, name: e.name }));
}

function got(e: Extract<CoreEvent, { event: 'file_got' }>): void {
    const { blob } = e;
    if (e.preview && blob) {
        change(e, () => ({ picture: URL.createObjectURL(blob), moving: null }));
        return;
    }
    if (blob) keep(blob, e.name);
    change(e, () => ({ moving: { sending: false, done: e.done, state: 'saved' } }));
}

function failed(e: Extract<CoreEvent, { event: 'file_failed' }>): void {
    const { sending, done, why } = e;
    if (why === 'cancelled') {
        if (all.value.get(e.file)?.by) change(e, () => ({ moving: null }));
        else drop(e.file);
        return;
    }
    const chunk = e.chunk === undefined ? {} : { chunk: e.chunk };
    change(e, () => ({ moving: { sending, done, state: 'failed', why, ...chunk } }));
}

function apply(e: CoreEvent): void {
    switch (e.event) {
        case 'file':
            return shares(e);
        case 'file_withdrawn':
            return drop(e.file);
        case 'file_progress':
            return change(e, () => ({ moving: { sending: e.sending, done: e.done, state: 'moving' } }));
        case 'file_paused':
            return change(e, () => ({ moving: { sending: e.sending, done: e.done, state: e.why } }));
        case 'file_sent':
            return change(e, () => ({ moving: null }));
        case 'file_got':
            return got(e);
        case 'file_failed':
            return failed(e);
    }
}

/** From the room's opening to its end: nothing of it is kept here afterwards. */
export function follow(core: Core): () => void {
    const end = core.onAny(apply);
    return () => {
        end();
        for (const file of all.value.keys()) drop(file);
        seen.value = 0;
    };
}
