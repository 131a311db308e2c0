// The session's token: in memory, and in this tab's storage so that it outlives a reload. Never in a cookie, so no
// other page can make the browser use it.
import { signal, type ReadonlySignal } from '@preact/signals';
import { browserName } from '../ui/browser';
import type { SignedIn } from './types';

const KEPT = 'ic.session';

function kept(): string | null {
    try {
        return sessionStorage.getItem(KEPT);
    } catch {
        return null; // a browser that keeps nothing
    }
}

const token = signal<string | null>(kept());

/** null: not signed in, as far as this tab knows. */
export const sessionToken: ReadonlySignal<string | null> = token;

export function keepSession(value: string | null): void {
    token.value = value;
    try {
        if (value === null) sessionStorage.removeItem(KEPT);
        else sessionStorage.setItem(KEPT, value);
    } catch {
        // then it ends with this page
    }
}

const KNOWN = 'ic.known';

/** That this browser was let in before, as the server gave it; '' where it was not. */
export function knownHere(): string {
    try {
        return localStorage.getItem(KNOWN) ?? '';
    } catch {
        return '';
    }
}

export function enter(made: SignedIn): void {
    try {
        if (made.known) localStorage.setItem(KNOWN, made.known);
    } catch {
        // then we are a stranger again next time
    }
    keepSession(made.token);
}

/** What the list of sessions calls this browser. */
export const clientName = (): string => browserName(navigator.userAgent);
