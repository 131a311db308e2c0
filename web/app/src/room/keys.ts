// The room's keys: single letters, so they are off while somebody types or a dialog or menu is open.
import { layout, type Layout } from '../state/prefs';
import { toggleShare } from './actions';
import { registered } from './registry';
import type { Session } from './session';
import { toggleSource } from './source_button';
import { dialog, panel, togglePanel } from './view';

const LAYOUTS: readonly Layout[] = ['grid', 'stage', 'screen'];

function typing(target: EventTarget | null): boolean {
    if (!(target instanceof HTMLElement)) return false;
    if (target.isContentEditable) return true;
    return target.matches('input:not([type="checkbox"]), textarea, select');
}

/** A dialog or menu is open: Escape is its own there. */
function elsewhere(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && target.closest('dialog, [role="menu"]') !== null;
}

function act(key: string, session: Session): boolean {
    switch (key) {
        case 'm':
            void toggleSource(session.media, 'microphone');
            return true;
        case 'v':
            void toggleSource(session.media, 'camera');
            return true;
        case 's':
            void toggleShare(session);
            return true;
        case 'c':
            togglePanel('chat');
            return true;
        case 'p':
            togglePanel('people');
            return true;
        case 'l':
            layout.value = LAYOUTS[(LAYOUTS.indexOf(layout.value) + 1) % LAYOUTS.length] ?? 'grid';
            return true;
        case '?':
            dialog.value = 'help';
            return true;
        case 'escape':
            if (!panel.value) return false;
            panel.value = null;
            return true;
        default:
            return registeredKey(key);
    }
}

/** H, and whatever else a feature's entry of the menu names. */
function registeredKey(key: string): boolean {
    const entry = registered.controls.value.find(
        (c) => c.shortcut?.toLowerCase() === key && (c.visible?.() ?? true),
    );
    entry?.onClick?.();
    return entry !== undefined;
}

export function followKeys(session: Session): () => void {
    const onKey = (e: KeyboardEvent) => {
        if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return;
        if (document.querySelector('dialog[open]') || elsewhere(e.target)) return;
        if (typing(e.target) && e.key !== 'Escape') return;
        if (act(e.key.toLowerCase(), session)) e.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
}
