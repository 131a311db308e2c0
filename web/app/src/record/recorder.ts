// One recording: the picture and the mixed voices as WebM, written while it runs. The others are told first, end to
// end, and told when it ends, however it ends.
import { signal } from '@preact/signals';
import { fileName } from '../chat/save';
import { t } from '../i18n';
import type { Session } from '../room/session';
import { toast } from '../ui';
import { Mix } from './mix';
import { Picture } from './picture';
import { openSink, type Sink } from './sink';

const FPS = 25;
const PIECE_MS = 1000;
const TYPES = ['video/webm;codecs=vp8,opus', 'video/webm'];

export type RecordingState = 'off' | 'starting' | 'on' | 'ending';
export const recording = signal<RecordingState>('off');
/** Files of this visit: said on the page after leaving. */
export const recorded = signal<readonly string[]>([]);

let current: Recorder | null = null;

class Recorder {
    private readonly picture: Picture;
    private readonly mix: Mix;
    private readonly recorder: MediaRecorder;
    private readonly timer: ReturnType<typeof setInterval>;
    private writing: Promise<void> = Promise.resolve();
    private failed: unknown = null;

    constructor(
        private readonly session: Session,
        private readonly sink: Sink,
    ) {
        this.picture = new Picture(session);
        this.mix = new Mix(session.media);
        this.picture.draw();
        const stream = this.picture.canvas.captureStream(FPS);
        if (this.mix.track) stream.addTrack(this.mix.track);
        const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? '';
        this.recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: 2_500_000 });
        this.recorder.ondataavailable = (e) => this.take(e.data);
        this.recorder.onerror = (e) => this.fail(e);
        this.timer = setInterval(() => this.picture.draw(), 1000 / FPS);
        this.recorder.start(PIECE_MS);
    }

    async stop(): Promise<void> {
        const ended = new Promise((done) => this.recorder.addEventListener('stop', done));
        if (this.recorder.state !== 'inactive') {
            this.recorder.stop();
            await ended;
        }
        clearInterval(this.timer);
        this.mix.close();
        this.picture.close();
        await this.writing;
        // Not waited for: who has left already gets no answer any more.
        this.session.core.do({ do: 'record', on: false }).catch(() => undefined);
        await this.finish();
    }

    private async finish(): Promise<void> {
        try {
            const name = await this.sink.close();
            recorded.value = [...recorded.peek(), name];
            if (this.failed) toast(t('record.failed.kept', { why: reason(this.failed), name }), 15000);
            else toast(t('record.done', { name }), 8000);
        } catch (e) {
            toast(t('record.failed.lost', { why: reason(this.failed ?? e) }), 15000);
        }
    }

    private take(piece: Blob): void {
        if (!piece.size || this.failed) return;
        this.writing = this.writing.then(() => this.sink.write(piece)).catch((e) => this.fail(e));
    }

    private fail(e: unknown): void {
        if (this.failed) return;
        this.failed = e ?? new Error();
        void stopRecording();
    }
}

function reason(e: unknown): string {
    const name = e instanceof DOMException ? e.name : '';
    if (name === 'QuotaExceededError') return t('record.why.full');
    if (name === 'NotAllowedError') return t('record.why.refused');
    return t('record.why.failed');
}

export async function startRecording(session: Session): Promise<void> {
    if (recording.peek() !== 'off') return;
    recording.value = 'starting';
    try {
        const sink = await openSink(fileName('recording', 'webm'));
        await session.core.do({ do: 'record', on: true }); // before the first picture
        current = new Recorder(session, sink);
        recording.value = 'on';
    } catch (e) {
        recording.value = 'off';
        if (e instanceof DOMException && e.name === 'AbortError') return;
        toast(t('record.failed.start', { why: reason(e) }), 8000);
    }
}

export async function stopRecording(): Promise<void> {
    const r = current;
    if (!r) return;
    current = null;
    recording.value = 'ending';
    await r.stop();
    recording.value = 'off';
}
