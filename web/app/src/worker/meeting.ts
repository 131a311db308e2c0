// The meeting in the worker: as client/cli/room.c drives it. Frames and time in; frames, events and a deadline out.
import type { CoreEvent } from '../core/types';
import { now } from './clock';
import { Socket } from './socket';
import type { Wasm } from './wasm';

const LEAVE_MS = 3000;
const MAX_TIMER_MS = 0x7fffffff;

export type Listener = (event: CoreEvent) => void;

export class Meeting {
    private socket: Socket | null = null;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private leaveTimer: ReturnType<typeof setTimeout> | undefined;
    private pumping = false;
    private again = false;
    private leaving = false;
    private over = false; // and told
    private readonly listeners: Listener[] = [];

    constructor(
        readonly wasm: Wasm,
        /** To the page. */
        private readonly post: Listener,
    ) {}

    /** Before the page: what else in the worker wants to know. */
    listen(f: Listener): void {
        this.listeners.push(f);
    }

    get isOpen(): boolean {
        return this.socket !== null;
    }

    open(link: string, name: string, url: string): void {
        this.close();
        this.leaving = this.over = false;
        this.wasm.call('open', ...this.wasm.give(link, name), now());
        this.socket = new Socket(
            url,
            {
                opened: () => this.connected(),
                frame: (bytes) => this.arrived(bytes),
                closed: (why, again) => this.disconnected(why, again),
            },
            now,
        );
        this.pump();
    }

    close(): void {
        clearTimeout(this.timer);
        clearTimeout(this.leaveTimer);
        this.socket?.close();
        this.socket = null;
        this.wasm.raw('close');
    }

    hurry(): void {
        this.socket?.hurry();
    }

    /** Says that we go, and ends at the latest after three seconds. */
    leave(): void {
        if (!this.socket || this.leaving) {
            this.finish();
            return;
        }
        this.leaving = true;
        this.leaveTimer = setTimeout(() => this.finish(), this.socket.isOpen ? LEAVE_MS : 0);
        if (this.wasm.raw('leave', now()) < 0) this.finish();
        else this.pump();
    }

    tell(event: CoreEvent): void {
        event.time_ms ??= now();
        for (const f of this.listeners) f(event);
        this.post(event);
    }

    /** Sends what waits, tells what happened, and sets the timer anew. After every call into the meeting. */
    pump(): void {
        this.again = true;
        if (this.pumping) return;
        this.pumping = true;
        try {
            while (this.again && this.socket) {
                this.again = false;
                this.drain();
            }
        } finally {
            this.pumping = false;
        }
        this.setTimer();
    }

    private drain(): void {
        this.flush();
        for (let n; this.socket && (n = this.wasm.call('next_event', now())) > 0; ) {
            const event = JSON.parse(this.wasm.takeText(n)) as CoreEvent;
            this.over ||= event.event === 'ended' || event.event === 'refused';
            this.tell(event);
            if (event.event === 'joined' && event.person.self) this.tellTerms();
            if (event.event === 'ended' || event.event === 'refused') this.finish();
        }
        this.flush();
    }

    /** At the entry: only a change of them is an event of the meeting's own. */
    private tellTerms(): void {
        const n = this.wasm.raw('terms', now());
        if (n > 0) this.tell(JSON.parse(this.wasm.takeText(n)) as CoreEvent);
    }

    private flush(): void {
        for (let n; this.socket && (n = this.wasm.call('next_frame')) > 0; )
            this.socket.send(this.wasm.take(n));
    }

    private setTimer(): void {
        clearTimeout(this.timer);
        if (!this.socket) return;
        const wait = this.wasm.raw('deadline') - now();
        if (wait === Infinity) return;
        this.timer = setTimeout(() => this.tick(), Math.min(Math.max(wait, 0), MAX_TIMER_MS));
    }

    private tick(): void {
        this.wasm.raw('tick', now());
        this.pump();
    }

    private connected(): void {
        this.tell({ event: 'connection', up: true, why: '' });
        this.wasm.raw('connected', now());
        this.pump();
    }

    private arrived(bytes: Uint8Array): void {
        this.wasm.call('receive', ...this.wasm.give(bytes), now());
        this.pump();
    }

    private disconnected(why: string, again: number): void {
        this.tell({ event: 'connection', up: false, why, retry_ms: again });
        this.wasm.raw('disconnected', now());
        this.pump();
        if (this.leaving) this.finish();
    }

    private finish(): void {
        if (!this.socket) return;
        this.flush();
        this.close();
        if (!this.over) this.tell({ event: 'ended', why: 'left', text: '' });
    }
}
