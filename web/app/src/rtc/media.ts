// One object for all of media, from the page before joining to the end of the meeting.
import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { Core } from '../core/types';
import { makeCertificate } from './certificate';
import { Devices } from './devices';
import { Profile } from './profile';
import { Publisher } from './publisher';
import { Receiver } from './receiver';
import { Session } from './session';
import { Sound } from './sound';
import { support } from './support';
import type { MediaOptions, Remote, RoomMedia, Shown, Transport } from './types';

export type * from './types';

export function makeMedia(options: MediaOptions = {}): RoomMedia {
    const devices = new Devices();
    const certificate = makeCertificate();
    certificate.catch(() => {}); // said when it is needed
    const running = signal<Running | null>(null);
    const { canChooseSpeaker } = support();
    const of = <T>(read: (r: Running) => ReadonlySignal<T>, idle: T): ReadonlySignal<T> =>
        computed(() => (running.value ? read(running.value).value : idle));
    let shown: readonly Shown[] = [];
    let volume = 1;

    return {
        microphone: devices.microphone.source,
        camera: devices.camera.source,
        screen: devices.screen.source,
        setMicrophone: (on) => devices.microphone.set(on),
        setCamera: (on) => devices.camera.set(on),
        setScreen: (on, how) => devices.setScreen(on, how?.motion ?? false),
        devices: devices.list,
        chosen: devices.chosen,
        choose: (kind, id) => devices.choose(kind, id),
        canChooseSpeaker,
        testSpeaker: () => devices.testSpeaker(),
        selfVideo: devices.selfVideo,
        selfScreen: devices.selfScreen,
        level: devices.level,
        remote: of<ReadonlyMap<number, Remote>>((r) => r.receiver.remote, new Map()),
        speaking: of<readonly number[]>((r) => r.sound.speaking, []),
        speaker: of<number | null>((r) => r.sound.speaker, null),
        transport: of<Transport>((r) => r.session.transport, 'idle'),
        soundBlocked: of((r) => r.sound.blocked, false),
        show(pictures) {
            shown = pictures;
            running.value?.receiver.show(pictures);
        },
        allowSound: async () => running.value?.sound.allow(),
        setVolume(v) {
            volume = v;
            running.value?.sound.setVolume(v);
        },
        sounds() {
            const own = devices.microphone.track.peek();
            const on = devices.microphone.source.peek().state === 'on';
            const voices = running.peek()?.receiver.voices() ?? [];
            return [...voices.map((v) => v.incoming.track), ...(own && on ? [own] : [])];
        },
        start(core) {
            running.value?.close();
            running.value = run(core, devices, certificate, options);
            running.value.receiver.show(shown);
            running.value.sound.setVolume(volume);
        },
        close() {
            running.value?.close();
            running.value = null;
            devices.close();
        },
    };
}

interface Running {
    session: Session;
    receiver: Receiver;
    sound: Sound;
    close(): void;
}

function run(
    core: Core,
    devices: Devices,
    certificate: ReturnType<typeof makeCertificate>,
    options: MediaOptions,
): Running {
    const session = new Session(core, certificate);
    const receiver = new Receiver(core);
    const profile = new Profile(core, options.svc ?? navigator.hardwareConcurrency >= 4);
    const speaker = computed(() => devices.chosen.value.speaker);
    const sound = new Sound(core, receiver, speaker);
    const sources = {
        audio: devices.microphone.track,
        camera: devices.camera.track,
        screen: devices.screen.track,
    };
    const publisher = new Publisher(core, session.peer, sources, profile.svc);
    const stop = effect(() => {
        receiver.use(session.peer.value);
        sound.use();
    });
    return {
        session,
        receiver,
        sound,
        close() {
            stop();
            for (const part of [publisher, sound, receiver, profile, session]) part.close();
        },
    };
}
