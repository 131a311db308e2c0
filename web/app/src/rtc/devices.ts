// Cameras, microphones, loudspeakers and the screen: which there are, which are chosen, and what
// they give.
import { computed, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { Capture } from './capture';
import { loadChoice, saveChoice } from './choice';
import { Meter } from './meter';
import { playTestSound } from './testsound';
import type { Device, DeviceKind } from './types';

const KINDS: Record<MediaDeviceKind, DeviceKind> = {
    videoinput: 'camera',
    audioinput: 'microphone',
    audiooutput: 'speaker',
};

export class Devices {
    readonly list = signal<Record<DeviceKind, Device[]>>({
        camera: [],
        microphone: [],
        speaker: [],
    });
    readonly chosen = signal<Record<DeviceKind, string>>(loadChoice());
    readonly microphone: Capture;
    readonly camera: Capture;
    readonly screen: Capture;
    readonly selfVideo = previewOf(() => this.camera.track.value);
    readonly selfScreen = previewOf(() => this.screen.track.value);
    readonly level: ReadonlySignal<number>;
    private readonly meter: Meter;
    private motion = false;
    private readonly onChange = () => void this.refresh();

    constructor() {
        const refresh = () => void this.refresh();
        this.microphone = new Capture(() => this.openMicrophone(), true, refresh);
        this.camera = new Capture(() => this.openCamera(), false, refresh);
        this.screen = new Capture(() => this.openScreen(), false);
        this.meter = new Meter(() =>
            this.microphone.source.value.state === 'on' ? this.microphone.track.value : null,
        );
        this.level = this.meter.level;
        navigator.mediaDevices?.addEventListener('devicechange', this.onChange);
        refresh();
    }

    setScreen(on: boolean, motion: boolean): Promise<void> {
        this.motion = motion;
        return this.screen.set(on);
    }

    async choose(kind: DeviceKind, id: string): Promise<void> {
        this.chosen.value = { ...this.chosen.value, [kind]: id };
        saveChoice(this.chosen.value);
        if (kind !== 'speaker') await this[kind].renew();
    }

    testSpeaker(): Promise<void> {
        return playTestSound(this.chosen.value.speaker);
    }

    close(): void {
        navigator.mediaDevices?.removeEventListener('devicechange', this.onChange);
        this.meter.close();
        for (const capture of [this.microphone, this.camera, this.screen]) capture.close();
    }

    private async refresh(): Promise<void> {
        const found: Record<DeviceKind, Device[]> = { camera: [], microphone: [], speaker: [] };
        const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
        for (const d of all) {
            // "default" and "communications" are second names of devices that are listed anyway.
            if (d.deviceId === 'default' || d.deviceId === 'communications' || !d.deviceId)
                continue;
            found[KINDS[d.kind]].push({ id: d.deviceId, label: d.label });
        }
        this.list.value = found;
    }

    private openMicrophone(): Promise<MediaStreamTrack> {
        return this.user('microphone', {
            audio: {
                ...this.wish('microphone'),
                echoCancellation: true,
                noiseSuppression: true,
                autoGainControl: true,
                channelCount: 1,
            },
        });
    }

    private openCamera(): Promise<MediaStreamTrack> {
        return this.user('camera', {
            video: {
                ...this.wish('camera'),
                width: { ideal: 1280 },
                height: { ideal: 720 },
                frameRate: { ideal: 30, max: 30 },
            },
        });
    }

    /** The chosen device; where it is not there any more, the system's choice. */
    private async user(
        kind: DeviceKind,
        constraints: MediaStreamConstraints,
    ): Promise<MediaStreamTrack> {
        if (!navigator.mediaDevices) throw new DOMException('no devices here', 'NotFoundError');
        try {
            return only(await navigator.mediaDevices.getUserMedia(constraints));
        } catch (error) {
            const gone = error instanceof DOMException || error instanceof Error ? error.name : '';
            if (gone !== 'OverconstrainedError' || !this.chosen.value[kind]) throw error;
            this.chosen.value = { ...this.chosen.value, [kind]: '' };
            const { video, audio } = constraints;
            const again = { ...(video ? { video } : {}), ...(audio ? { audio } : {}) };
            for (const part of Object.values(again))
                if (typeof part === 'object') delete part.deviceId;
            return only(await navigator.mediaDevices.getUserMedia(again));
        }
    }

    private wish(kind: DeviceKind): MediaTrackConstraints {
        const id = this.chosen.value[kind];
        return id ? { deviceId: { exact: id } } : {};
    }

    private async openScreen(): Promise<MediaStreamTrack> {
        const rate = this.motion ? 30 : 15;
        const track = only(
            await navigator.mediaDevices.getDisplayMedia({
                video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: rate } },
                audio: false,
            }),
        );
        track.contentHint = this.motion ? 'motion' : 'detail';
        return track;
    }
}

function only(stream: MediaStream): MediaStreamTrack {
    const track = stream.getTracks()[0];
    if (!track) throw new DOMException('the device gave nothing', 'NotReadableError');
    return track;
}

function previewOf(track: () => MediaStreamTrack | null): ReadonlySignal<MediaStream | null> {
    return computed(() => {
        const t = track();
        return t ? new MediaStream([t]) : null;
    });
}
