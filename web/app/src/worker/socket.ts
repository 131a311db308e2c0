// The WebSocket to the server, which comes back by itself: after 250 ms, then twice as long each time up to 5 s, half
// of it by chance, so that a thousand clients do not return in one moment. As client/cli/room.c.
const FIRST_MS = 250;
const MAX_MS = 5000;
/** We sent, and for so long nothing came: the line is dead, whatever the browser still believes. */
const SILENT_MS = 9000;
const LOOK_MS = 1000;
export const PROTOCOL = 'incamera.v1';

export interface SocketHandlers {
    opened(): void;
    frame(bytes: Uint8Array): void;
    /** It is tried again in so many milliseconds. */
    closed(why: string, again: number): void;
}

export class Socket {
    private ws: WebSocket | null = null;
    private open = false;
    private done = false;
    private wait = FIRST_MS;
    private retry: ReturnType<typeof setTimeout> | undefined;
    private watch: ReturnType<typeof setInterval>;
    private unanswered = 0; // since when; 0: nothing is

    constructor(
        private readonly url: string,
        private readonly handlers: SocketHandlers,
        private readonly now: () => number,
        private readonly make: (url: string) => WebSocket = (u) => new WebSocket(u, PROTOCOL),
    ) {
        this.watch = setInterval(() => this.look(), LOOK_MS);
        this.connect();
    }

    get isOpen(): boolean {
        return this.open;
    }

    /** What cannot go now is asked for again by the meeting. */
    send(bytes: Uint8Array<ArrayBuffer>): void {
        if (!this.open) return;
        this.ws?.send(bytes);
        this.unanswered ||= this.now();
    }

    /** The network is said to be back: no more waiting. */
    hurry(): void {
        if (this.done) return;
        if (this.open) this.lost('the network changed');
        clearTimeout(this.retry);
        this.wait = FIRST_MS;
        this.connect();
    }

    /** Sends what waits, and ends for good. */
    close(): void {
        this.done = true;
        clearTimeout(this.retry);
        clearInterval(this.watch);
        const ws = this.ws;
        this.drop();
        ws?.close(1000);
    }

    private connect(): void {
        this.drop();
        let ws: WebSocket;
        try {
            ws = this.make(this.url);
        } catch (error) {
            this.lost(String(error));
            return;
        }
        this.ws = ws;
        ws.binaryType = 'arraybuffer';
        ws.onopen = () => this.opened();
        ws.onclose = (e) => this.lost(e.reason || 'the connection ended');
        ws.onmessage = (e) => this.arrived(e.data);
    }

    private opened(): void {
        this.open = true;
        this.wait = FIRST_MS;
        this.unanswered = 0;
        this.handlers.opened();
    }

    private arrived(data: unknown): void {
        this.unanswered = 0;
        if (data instanceof ArrayBuffer) this.handlers.frame(new Uint8Array(data));
        else this.lost('the server sent what is no frame of this protocol');
    }

    private look(): void {
        if (this.open && this.unanswered && this.now() - this.unanswered > SILENT_MS)
            this.lost('the server does not answer');
    }

    private lost(why: string): void {
        const ws = this.ws;
        this.drop();
        ws?.close();
        if (this.done) return;
        const again = this.wait / 2 + Math.random() * (this.wait / 2);
        this.wait = Math.min(MAX_MS, this.wait * 2);
        clearTimeout(this.retry);
        this.retry = setTimeout(() => this.connect(), again);
        this.handlers.closed(why, Math.round(again));
    }

    private drop(): void {
        const ws = this.ws;
        this.ws = null;
        this.open = false;
        this.unanswered = 0;
        if (ws) ws.onopen = ws.onclose = ws.onmessage = null;
    }
}
