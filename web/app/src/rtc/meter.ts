// How loud the own microphone is, ten times a second.
import { effect, signal } from '@preact/signals';

const EVERY_MS = 100;
const FLOOR_DB = -60;

/** Samples between -1 and 1, as loudness between 0 and 1: -60 dB is nothing, full scale is 1. */
export function loudness(samples: Float32Array): number {
    let sum = 0;
    for (const s of samples) sum += s * s;
    const rms = Math.sqrt(sum / Math.max(1, samples.length));
    const db = 20 * Math.log10(Math.max(rms, 1e-6));
    return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

export class Meter {
    readonly level = signal(0);
    private context: AudioContext | null = null;
    private readonly stop: () => void;

    constructor(track: () => MediaStreamTrack | null) {
        this.stop = effect(() => {
            const t = track();
            return t ? this.listen(t) : undefined;
        });
    }

    close(): void {
        this.stop();
        void this.context?.close();
    }

    private listen(track: MediaStreamTrack): () => void {
        const context = (this.context ??= new AudioContext());
        const source = context.createMediaStreamSource(new MediaStream([track]));
        const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
        source.connect(analyser);
        const samples = new Float32Array(analyser.fftSize);
        const timer = setInterval(() => {
            if (context.state === 'suspended') void context.resume();
            analyser.getFloatTimeDomainData(samples);
            const now = loudness(samples);
            const before = this.level.peek();
            // Up at once, down slowly: a meter that people can read.
            this.level.value = now > before ? now : Math.max(now, before - 0.08);
        }, EVERY_MS);
        return () => {
            clearInterval(timer);
            source.disconnect();
            this.level.value = 0;
        };
    }
}
