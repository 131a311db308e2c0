// What the room sees of media: one object from the page before joining to the end. All that changes
// is a signal, so a component that reads `.value` follows by itself.
//
//     const media = makeMedia();                        // before joining: preview, meter, choice
//     await media.setCamera(true);
//     media.start(core);                                // once joining; reconnects by itself
//     media.show([{ leaf: 3, kind: 'video', height: 360 }]);
//     media.remote.value.get(3)?.video                  // for <video>.srcObject
import type { ReadonlySignal } from '@preact/signals';
import type { Core } from '../core/types';

export type DeviceKind = 'camera' | 'microphone' | 'speaker';

export interface Device {
    id: string;
    /** Empty until the person has allowed a device of this kind. */
    label: string;
}

export type SourceState = 'off' | 'starting' | 'on' | 'failed';
/** i18n: `rtc.<kind>.<why>`, and what to do about it `rtc.<kind>.<why>.do`. */
export type SourceTrouble = 'refused' | 'missing' | 'busy' | 'unplugged' | 'failed';

export interface LocalSource {
    state: SourceState;
    /** Why it failed, or was lost while on. */
    why?: SourceTrouble;
}

export type PictureKind = 'video' | 'screen';

/** A picture on the screen. Our own are not asked for. */
export interface Shown {
    leaf: number;
    kind: PictureKind;
    /** Of the tile, in device pixels; 0: known but not visible. */
    height: number;
}

/**
 * ok            frames arrive and decrypt
 * waiting       asked for, nothing yet (the first two seconds)
 * no-frames     asked for and announced, but nothing arrives
 * keys-missing  frames arrive whose keys have not reached us
 * garbage       frames arrive that do not decrypt under this person's keys
 * paused        they do not send it, or it is not asked for
 */
export type ArrivalState = 'ok' | 'waiting' | 'no-frames' | 'keys-missing' | 'garbage' | 'paused';

/**
 * What comes from one person. Streams are theirs by decrypted frames, never by the server's word.
 */
export interface Remote {
    video: MediaStream | null;
    screen: MediaStream | null;
    /** i18n: `rtc.tile.<state>`, `rtc.screen.<state>`, `rtc.sound.<state>` with {name}. */
    videoState: ArrivalState;
    screenState: ArrivalState;
    soundState: ArrivalState;
    /** The server says that they send it: a hint, for the layout only. */
    sendsVideo: boolean;
    sendsScreen: boolean;
    /** Pixels of what arrives; 0 before. */
    videoHeight: number;
    screenHeight: number;
}

export type Transport = 'idle' | 'connecting' | 'up' | 'lost';

export interface RoomMedia {
    readonly microphone: ReadonlySignal<LocalSource>;
    readonly camera: ReadonlySignal<LocalSource>;
    readonly screen: ReadonlySignal<LocalSource>;
    /** Never rejects: what went wrong is in the signal. */
    setMicrophone(on: boolean): Promise<void>;
    setCamera(on: boolean): Promise<void>;
    /**
     * Shows the browser's chooser, so it belongs into a click. `motion`: a film rather than text.
     */
    setScreen(on: boolean, options?: { motion?: boolean }): Promise<void>;

    readonly devices: ReadonlySignal<Readonly<Record<DeviceKind, readonly Device[]>>>;
    /** '': the system's choice. */
    readonly chosen: ReadonlySignal<Readonly<Record<DeviceKind, string>>>;
    choose(kind: DeviceKind, id: string): Promise<void>;
    /** False: this browser plays on the system's loudspeaker only. */
    readonly canChooseSpeaker: boolean;
    /** Two notes through the chosen loudspeaker. */
    testSpeaker(): Promise<void>;

    readonly selfVideo: ReadonlySignal<MediaStream | null>;
    readonly selfScreen: ReadonlySignal<MediaStream | null>;
    /** Our own microphone, 0 to 1, ten times a second; 0 while muted. */
    readonly level: ReadonlySignal<number>;

    readonly remote: ReadonlySignal<ReadonlyMap<number, Remote>>;
    /** Leaves, the loudest first; without us. */
    readonly speaking: ReadonlySignal<readonly number[]>;
    /** Who spoke last, for the stage; stays in silence. Null: nobody yet, or they have gone. */
    readonly speaker: ReadonlySignal<number | null>;
    /** All pictures on the screen now, the most important first; at most 12 can be had. */
    show(pictures: readonly Shown[]): void;

    readonly transport: ReadonlySignal<Transport>;
    /** The browser wants a click before it plays sound: show a button that calls allowSound. */
    readonly soundBlocked: ReadonlySignal<boolean>;
    allowSound(): Promise<void>;
    /** Volume of all voices, 0 to 1. */
    setVolume(volume: number): void;
    /** All voices as they are now, ours among them while it is on: for a recording. */
    sounds(): readonly MediaStreamTrack[];

    start(core: Core): void;
    close(): void;
}

export interface MediaOptions {
    /**
     * VP9 in spatial layers where everybody can take it. Default: where this device has 4 cores or
     * more.
     */
    svc?: boolean;
}
