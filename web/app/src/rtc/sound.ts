// Plays each voice slot through a hidden element of its own, and tells who speaks. Loudness is the
// RFC 6464 level of the packets, whose it is comes from decrypted frames.
import { effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { Core } from '../core/types';
import type { Incoming } from './peer';
import type { Receiver } from './receiver';
import { Speakers } from './speakers';
import { useSpeaker } from './testsound';

const LISTEN_MS = 150;

export class Sound {
    readonly speaking = signal<readonly number[]>([]);
    readonly speaker = signal<number | null>(null);
    readonly blocked = signal(false);
    private readonly speakers = new Speakers();
    private readonly elements = new Map<string, HTMLAudioElement>();
    private volume = 1;
    private readonly timer = setInterval(() => this.listen(), LISTEN_MS);
    private readonly stops: (() => void)[];

    constructor(
        core: Core,
        private readonly receiver: Receiver,
        private readonly device: ReadonlySignal<string>,
    ) {
        this.stops = [
            core.on('media_speaker', (e) => this.speakers.hint(e.source ? e.leaf : null)),
            core.on('left', (e) => this.speakers.forget(e.person.leaf)),
            effect(() => {
                const id = this.device.value;
                for (const audio of this.elements.values()) void useSpeaker(audio, id);
            }),
        ];
    }

    /** The voices of a new transport; those of the former one fall silent. */
    use(): void {
        for (const mid of [...this.elements.keys()]) this.drop(mid);
        for (const v of this.receiver.voices()) void this.play(v.incoming);
    }

    async allow(): Promise<void> {
        this.blocked.value = false;
        for (const audio of this.elements.values()) await this.begin(audio);
    }

    setVolume(volume: number): void {
        this.volume = Math.min(1, Math.max(0, volume));
        for (const audio of this.elements.values()) audio.volume = this.volume;
    }

    close(): void {
        clearInterval(this.timer);
        this.stops.forEach((stop) => stop());
        for (const mid of [...this.elements.keys()]) this.drop(mid);
    }

    private async play({ mid, track }: Incoming): Promise<void> {
        const audio = document.createElement('audio');
        audio.hidden = true;
        audio.volume = this.volume;
        audio.srcObject = new MediaStream([track]);
        this.elements.set(mid, audio);
        document.body.append(audio);
        await useSpeaker(audio, this.device.peek());
        await this.begin(audio);
    }

    private async begin(audio: HTMLAudioElement): Promise<void> {
        try {
            await audio.play();
        } catch (error) {
            if (error instanceof DOMException && error.name === 'NotAllowedError')
                this.blocked.value = true;
        }
    }

    private drop(mid: string): void {
        const audio = this.elements.get(mid);
        this.elements.delete(mid);
        if (!audio) return;
        audio.srcObject = null;
        audio.remove();
    }

    private listen(): void {
        const now = performance.now();
        for (const { incoming, leaf } of this.receiver.voices()) {
            const last = incoming.receiver.getSynchronizationSources()[0];
            // Chromium keeps telling the last packet's level after packets stop.
            const fresh = last && performance.timeOrigin + now - last.timestamp < 500;
            const recent = last && now - last.timestamp < 500;
            if (leaf >= 0 && last && (fresh || recent))
                this.speakers.heard(leaf, last.audioLevel ?? 0, now);
        }
        const { speaking, speaker } = this.speakers.judge(now);
        if (speaking.join() !== this.speaking.peek().join()) this.speaking.value = speaking;
        this.speaker.value = speaker;
    }
}
