// One of our own sources: off, on, or failed with a reason. Switching off ends the device (its
// light goes out), unless `keep` is set: a muted microphone stays open, silent, so that speaking
// again is instant.
import { signal } from '@preact/signals';
import { troubleOf } from './trouble';
import type { LocalSource, SourceTrouble } from './types';

export class Capture {
    readonly source = signal<LocalSource>({ state: 'off' });
    /** What is sent; null while nothing may be. */
    readonly track = signal<MediaStreamTrack | null>(null);
    private device: MediaStreamTrack | null = null;
    /** Grows with each wish: what a former wish brings is stopped at once. */
    private turn = 0;

    constructor(
        private readonly open: () => Promise<MediaStreamTrack>,
        private readonly keep: boolean,
        private readonly changed: () => void = () => {},
    ) {}

    get deviceId(): string {
        return this.device?.getSettings().deviceId ?? '';
    }

    async set(on: boolean): Promise<void> {
        if (!on) return this.off();
        if (this.device?.readyState === 'live') return this.live(this.device);
        await this.start();
    }

    /** The same with another device, where this one is on. */
    async renew(): Promise<void> {
        const { state } = this.source.value;
        if (state === 'on' || state === 'starting' || state === 'failed') return this.start();
        this.release();
    }

    /** Until the next set(true). */
    off(): void {
        this.turn++;
        if (this.device && this.keep) this.device.enabled = false;
        else this.release();
        this.source.value = { state: 'off' };
        if (!this.keep) this.track.value = null;
    }

    close(): void {
        this.turn++;
        this.release();
        this.source.value = { state: 'off' };
    }

    private async start(): Promise<void> {
        const turn = ++this.turn;
        this.source.value = { state: 'starting' };
        try {
            const track = await this.open();
            if (turn !== this.turn) return track.stop();
            this.release();
            this.live(track);
        } catch (error) {
            if (turn === this.turn) this.fail(troubleOf(error));
        }
        this.changed();
    }

    private live(track: MediaStreamTrack): void {
        this.turn++;
        this.device = track;
        track.enabled = true;
        track.onended = () => void this.lost(track);
        this.track.value = track;
        this.source.value = { state: 'on' };
    }

    /** Pulled out, or taken away by the system: another device may be there. */
    private async lost(track: MediaStreamTrack): Promise<void> {
        if (track !== this.device) return;
        const wasOn = this.source.value.state === 'on';
        this.release();
        if (!wasOn) return;
        const turn = ++this.turn;
        this.fail('unplugged');
        try {
            const other = await this.open();
            if (turn !== this.turn) return other.stop();
            this.live(other);
        } catch {
            // It stays lost, and says so.
        }
        this.changed();
    }

    private fail(why: SourceTrouble): void {
        this.release();
        this.source.value = { state: 'failed', why };
    }

    private release(): void {
        const track = this.device;
        this.device = null;
        this.track.value = null;
        if (!track) return;
        track.onended = null;
        track.stop();
    }
}
