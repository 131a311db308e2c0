// What a person chose here, kept in this browser alone. Nothing of a meeting is kept.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export type Layout = 'stage' | 'grid' | 'screen';

function kept(key: string): string | null {
    try {
        return localStorage.getItem(`ic.${key}`);
    } catch {
        return null; // a browser that keeps nothing
    }
}

function keep(key: string, value: string): void {
    try {
        localStorage.setItem(`ic.${key}`, value);
    } catch {
        // then it holds for this visit
    }
}

function oneOf<T extends string>(key: string, all: readonly T[], otherwise: T): T {
    const k = kept(key);
    return all.find((a) => a === k) ?? otherwise;
}

export const theme = signal<Theme>(oneOf('theme', ['system', 'light', 'dark'], 'system'));
export const layout = signal<Layout>(oneOf('layout', ['stage', 'grid', 'screen'], 'grid'));
export const tones = signal(kept('tones') !== 'off');
export const ownName = signal(kept('name') ?? '');

effect(() => {
    const root = document.documentElement;
    if (theme.value === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme.value;
    keep('theme', theme.value);
});
effect(() => keep('layout', layout.value));
effect(() => keep('tones', tones.value ? 'on' : 'off'));
effect(() => keep('name', ownName.value));
