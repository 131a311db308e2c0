// The right to put and get files: a token of this member's, asked for over the meeting's connection.
import { CoreError } from '../../core/error';
import type { ShieldState } from '../../core/types';
import { now } from '../clock';
import { act, type Context } from '../commands';

export interface Grant {
    path: string;
    token: string;
    valid_ms: number;
    /** What the server takes at once: a sealed chunk. */
    piece: number;
    file_max: number;
}

const EARLY_MS = 30000;
const IN_GROUP: readonly ShieldState[] = ['e2ee', 'e2ee_compare', 'updating'];

interface Waiting {
    resolve(): void;
    reject(error: Error): void;
}

export class Right {
    private grant: Grant | null = null;
    private until = 0;
    private asked = false;
    private inGroup = false;
    private waiting: Waiting[] = [];
    private unwanted: string[] = [];

    constructor(private readonly c: Context) {
        this.inGroup = true; // until something else is told: the first ask shows it
    }

    /** The token that holds now; waits for the connection where there is none. */
    async get(signal: AbortSignal): Promise<Grant> {
        for (;;) {
            signal.throwIfAborted();
            if (this.grant && now() < this.until) return this.grant;
            this.ask();
            await this.change(signal);
        }
    }

    /** A token that was refused: the server began anew, or its time is over. */
    refused(): void {
        this.grant = null;
    }

    opened(open: boolean, why: string): void {
        this.asked = false;
        const all = this.waiting.splice(0);
        if (!open) {
            for (const w of all) w.reject(new CoreError('unsupported', why));
            return;
        }
        const { wasm } = this.c;
        this.grant = JSON.parse(wasm.takeText(wasm.call('files_grant'))) as Grant;
        const { valid_ms } = this.grant;
        this.until = now() + (valid_ms > 2 * EARLY_MS ? valid_ms - EARLY_MS : valid_ms);
        for (const w of all) w.resolve();
        for (const file of this.unwanted.splice(0)) void this.remove(file);
    }

    lost(): void {
        this.grant = null;
        this.asked = this.inGroup = false;
    }

    state(state: ShieldState): void {
        const was = this.inGroup;
        this.inGroup = IN_GROUP.includes(state);
        if (!was && this.inGroup && this.waiting.length > 0) this.ask();
    }

    /** The ciphertext goes from the server, now or when it can be asked. */
    async remove(file: string): Promise<void> {
        if (!this.grant || now() >= this.until) {
            this.unwanted.push(file);
            this.ask();
            return;
        }
        const { path, token } = this.grant;
        const headers = { authorization: `Bearer ${token}` };
        for (let tries = 0; tries < 5; tries++) {
            const answer = await fetch(`${path}/${file}`, { method: 'DELETE', headers }).catch(() => null);
            if (answer && answer.status < 500 && answer.status !== 429) return;
            await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
        }
        // What could not be deleted goes with the meeting.
    }

    private ask(): void {
        if (this.asked || !this.inGroup) return;
        try {
            act(this.c, 'files_open');
            this.asked = true;
        } catch {
            this.inGroup = false; // not now: when the state says so
        }
    }

    private change(signal: AbortSignal): Promise<void> {
        return new Promise((resolve, reject) => {
            this.waiting.push({ resolve, reject });
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
    }
}
