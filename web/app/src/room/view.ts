// What is open on this screen: the side panel's tab, dialogs, the stage's view. Features may open their own panel:
// openPanel('chat').
import { signal } from '@preact/signals';

/** The side panel's tab, or none. */
export const panel = signal<string | null>(null);
/** A stage that the person chose; null: the first that is active. */
export const stageChoice = signal<string | null>(null);

export type DialogName = 'shield' | 'help' | 'settings' | 'leave';
export const dialog = signal<DialogName | null>(null);
/** The leaf whose certificate is shown. */
export const certificateOf = signal<number | null>(null);

export function openPanel(id: string): void {
    panel.value = id;
}

export function togglePanel(id: string): void {
    panel.value = panel.value === id ? null : id;
}

export function closeAll(): void {
    panel.value = null;
    dialog.value = null;
    certificateOf.value = null;
    stageChoice.value = null;
}
