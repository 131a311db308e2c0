// Media without devices: pictures are drawn, sound is a number.
import { signal } from '@preact/signals';
import type { Device, DeviceKind, LocalSource, Remote, RoomMedia, Shown } from '../../app/src/rtc/types';

const HUES = [210, 30, 140, 280, 350, 180, 60];

/** A still figure before a wall, as a stream: like somebody who listens. */
export function picture(hue: number, words = ''): MediaStream {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 360];
    const c = canvas.getContext('2d');
    if (!c) throw new Error('no canvas');
    const wall = c.createLinearGradient(0, 0, 640, 360);
    wall.addColorStop(0, `hsl(${hue} 28% 62%)`);
    wall.addColorStop(1, `hsl(${hue + 20} 30% 38%)`);
    const draw = () => {
        c.fillStyle = wall;
        c.fillRect(0, 0, 640, 360);
        if (words) {
            c.fillStyle = '#fff';
            c.fillRect(60, 40, 520, 280);
            c.fillStyle = '#333';
            c.font = '28px sans-serif';
            c.fillText(words, 90, 100);
            for (let i = 0; i < 5; i++) c.fillRect(90, 140 + 30 * i, 400 - 50 * (i % 3), 10);
        } else {
            c.fillStyle = `hsl(${hue + 160} 30% 30%)`;
            c.beginPath();
            c.ellipse(320, 380, 150, 140, 0, 0, 7);
            c.fill();
            c.fillStyle = `hsl(${(hue % 30) + 18} 45% ${55 + (hue % 25)}%)`;
            c.beginPath();
            c.ellipse(320, 170, 68, 84, 0, 0, 7);
            c.fill();
        }
    };
    draw();
    const stream = canvas.captureStream(5);
    setInterval(draw, 250);
    return stream;
}

const OFF: LocalSource = { state: 'off' };
const ON: LocalSource = { state: 'on' };
const REMOTE: Remote = {
    video: null,
    screen: null,
    videoState: 'paused',
    screenState: 'paused',
    soundState: 'ok',
    sendsVideo: false,
    sendsScreen: false,
    videoHeight: 0,
    screenHeight: 0,
};

export class FakeMedia implements RoomMedia {
    readonly microphone = signal(OFF);
    readonly camera = signal(OFF);
    readonly screen = signal(OFF);
    readonly devices = signal<Record<DeviceKind, readonly Device[]>>({
        camera: [{ id: 'c1', label: 'Built-in camera' }],
        microphone: [
            { id: 'm1', label: 'Built-in microphone' },
            { id: 'm2', label: 'Headset' },
        ],
        speaker: [{ id: 's1', label: 'Loudspeakers' }],
    });
    readonly chosen = signal({ camera: '', microphone: '', speaker: '' });
    readonly canChooseSpeaker = true;
    readonly selfVideo = signal<MediaStream | null>(null);
    readonly selfScreen = signal<MediaStream | null>(null);
    readonly level = signal(0);
    readonly remote = signal<ReadonlyMap<number, Remote>>(new Map());
    readonly speaking = signal<readonly number[]>([]);
    readonly speaker = signal<number | null>(null);
    readonly transport = signal<'idle' | 'connecting' | 'up' | 'lost'>('idle');
    readonly soundBlocked = signal(false);
    /** The next source that is turned on fails so. */
    failsWith: LocalSource['why'] | '' = '';
    shown: readonly Shown[] = [];
    closed = false;

    #turn(s: { value: LocalSource }, on: boolean): Promise<void> {
        if (on && this.failsWith) s.value = { state: 'failed', why: this.failsWith };
        else s.value = on ? ON : OFF;
        return Promise.resolve();
    }

    async setMicrophone(on: boolean): Promise<void> {
        await this.#turn(this.microphone, on);
        this.level.value = this.microphone.value.state === 'on' ? 0.1 : 0;
    }

    async setCamera(on: boolean): Promise<void> {
        await this.#turn(this.camera, on);
        this.selfVideo.value = this.camera.value.state === 'on' ? picture(200) : null;
    }

    async setScreen(on: boolean): Promise<void> {
        await this.#turn(this.screen, on);
        this.selfScreen.value = this.screen.value.state === 'on' ? picture(220, 'My slides') : null;
    }

    choose(kind: DeviceKind, id: string): Promise<void> {
        this.chosen.value = { ...this.chosen.value, [kind]: id };
        return Promise.resolve();
    }

    testSpeaker(): Promise<void> {
        return Promise.resolve();
    }

    show(pictures: readonly Shown[]): void {
        this.shown = pictures;
    }

    allowSound(): Promise<void> {
        this.soundBlocked.value = false;
        return Promise.resolve();
    }

    setVolume(): void {}
    sounds(): readonly MediaStreamTrack[] {
        return [];
    }

    start(): void {
        this.transport.value = 'up';
    }

    close(): void {
        this.closed = true;
    }

    /** For tests: what somebody sends. */
    sends(leaf: number, what: Partial<Remote> & { camera?: boolean; slides?: string }): void {
        const { camera, slides, ...more } = what;
        const next = { ...(this.remote.value.get(leaf) ?? REMOTE), ...more };
        if (camera !== undefined) {
            next.video = camera ? picture(HUES[leaf % HUES.length] ?? 0) : null;
            next.videoState = camera ? 'ok' : 'paused';
        }
        if (slides !== undefined) next.screen = slides ? picture(220, slides) : null;
        this.remote.value = new Map(this.remote.value).set(leaf, next);
    }
}
