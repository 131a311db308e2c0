// While somebody lets us control their screen: pointer and keys over its picture go there. Escape, or the button of the
// banner, gives it back.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import type { OverlayProps } from '../room/registry';
import { useSession } from '../room/session';
import type { Core } from '../core/types';
import { inputBody, INPUTS_MAX, type Input } from './codec';
import { keysym } from './keysym';
import { held, stop } from './state';

const EVERY_MS = 33;
const BUTTONS = [1, 2, 3, 8, 9]; // X's numbers of the browser's 0 to 4
const CLICK_PX = 100;

/** Gathers what happens and sends it thirty times a second at most; of moves only the last counts. */
class Sender {
    private waiting: Input[] = [];
    private timer: ReturnType<typeof setTimeout> | undefined;
    private last = 0;

    constructor(private readonly core: Core) {}

    add(input: Input): void {
        const before = this.waiting.at(-1);
        if (input.type === 'move' && before?.type === 'move') this.waiting.pop();
        this.waiting.push(input);
        const wait = this.last + EVERY_MS - performance.now();
        if (wait <= 0) this.flush();
        else this.timer ??= setTimeout(() => this.flush(), wait);
    }

    close(): void {
        clearTimeout(this.timer);
        this.waiting = [];
    }

    private flush(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.last = performance.now();
        while (this.waiting.length) {
            const body = inputBody(this.waiting.splice(0, INPUTS_MAX));
            this.core.do({ do: 'control_input', body }).catch(() => undefined); // it has just ended
        }
    }
}

function listen(e: HTMLElement, sender: Sender, keys: boolean): () => void {
    let turned = { x: 0, y: 0 };
    const place = (p: PointerEvent): Input => {
        const box = e.getBoundingClientRect();
        const part = (v: number, all: number) =>
            Math.min(65535, Math.max(0, Math.round((v / Math.max(1, all)) * 65535)));
        return {
            type: 'move',
            x: part(p.clientX - box.left, box.width),
            y: part(p.clientY - box.top, box.height),
        };
    };
    const end = new AbortController();
    const { signal } = end;
    const press = (p: PointerEvent, down: boolean) => {
        const button = BUTTONS[p.button];
        if (!button) return;
        if (down) {
            e.setPointerCapture(p.pointerId);
            e.focus({ preventScroll: true });
        }
        sender.add(place(p));
        sender.add({ type: 'button', button, down });
        p.preventDefault();
    };
    e.addEventListener('pointermove', (p) => sender.add(place(p)), { signal });
    e.addEventListener('pointerdown', (p) => press(p, true), { signal });
    e.addEventListener('pointerup', (p) => press(p, false), { signal });
    e.addEventListener('contextmenu', (m) => m.preventDefault(), { signal });
    const wheel = (w: WheelEvent) => {
        w.preventDefault();
        const k = w.deltaMode === 0 ? 1 : CLICK_PX / 3;
        turned = { x: turned.x + w.deltaX * k, y: turned.y + w.deltaY * k };
        const [dx, dy] = [Math.trunc(turned.x / CLICK_PX), Math.trunc(turned.y / CLICK_PX)];
        if (!dx && !dy) return;
        turned = { x: turned.x - dx * CLICK_PX, y: turned.y - dy * CLICK_PX };
        const most = (v: number) => Math.max(-10, Math.min(10, v));
        sender.add({ type: 'wheel', dx: most(dx), dy: most(dy) });
    };
    e.addEventListener('wheel', wheel, { signal, passive: false });
    const key = (k: KeyboardEvent, down: boolean) => {
        k.preventDefault();
        k.stopPropagation();
        if (k.key === 'Escape') {
            if (down) stop();
            return;
        }
        const sym = keys && !k.repeat ? keysym(k.key, k.location) : 0;
        if (sym) sender.add({ type: 'key', keysym: sym, down });
    };
    e.addEventListener('keydown', (k) => key(k, true), { signal });
    e.addEventListener('keyup', (k) => key(k, false), { signal });
    return () => end.abort();
}

export function Capture({ leaf, name }: OverlayProps) {
    const { core } = useSession();
    const ref = useRef<HTMLDivElement>(null);
    const grant = held();
    const on = grant?.sharer.leaf === leaf;
    const keys = grant?.keys ?? false;
    useEffect(() => {
        const e = ref.current;
        if (!e || !on) return undefined;
        const sender = new Sender(core);
        const end = listen(e, sender, keys);
        e.focus({ preventScroll: true });
        return () => {
            end();
            sender.close();
        };
    }, [on, keys, core]);
    if (!on) return null;
    return (
        <div
            ref={ref}
            class="control-capture"
            tabIndex={0}
            role="application"
            aria-label={t('control.capture', { name })}
        />
    );
}
