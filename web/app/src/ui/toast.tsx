// Short notes that go by themselves, and the one live region of the page. Nothing that must be answered is a
// toast, and what can be read elsewhere (chat, people) is spoken at most once.
import { signal } from '@preact/signals';

interface Note {
    id: number;
    text: string;
}

const notes = signal<readonly Note[]>([]);
const spoken = signal('');
let last = 0;

/** Shown for some seconds, and spoken politely. */
export function toast(text: string, ms = 5000): void {
    const id = ++last;
    notes.value = [...notes.value.slice(-2), { id, text }];
    setTimeout(() => {
        notes.value = notes.value.filter((n) => n.id !== id);
    }, ms);
    say(text);
}

let quiet: ReturnType<typeof setTimeout> | undefined;
let pending: string[] = [];

/** Spoken only. What comes within 400 ms is said in one breath. */
export function say(text: string): void {
    if (!pending.includes(text)) pending.push(text);
    clearTimeout(quiet);
    quiet = setTimeout(() => {
        spoken.value = pending.slice(-3).join('. ');
        pending = [];
    }, 400);
}

export function Toasts() {
    return (
        <>
            <div class="toasts" aria-hidden="true">
                {notes.value.map((n) => (
                    <div key={n.id} class="toast">
                        {n.text}
                    </div>
                ))}
            </div>
            <div class="only-heard" role="status" aria-live="polite">
                {spoken.value}
            </div>
        </>
    );
}
