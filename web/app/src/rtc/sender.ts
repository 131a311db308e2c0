// What we send: four m-lines that are there from the beginning and carry a track, or nothing.
// Devices change and pictures come and go without a new offer.
import type { Core, PublishedStream, TransformOptions } from '../core/types';
import { ssrcsOf } from './sdp';
import { CODEC, CONTEXT, KIND, MID } from './wire';

export interface Layer {
    rid: string;
    /** The picture's height is divided by this. */
    scale: number;
    maxBitrate: number;
    context: number;
}

/** The camera in VP8: three encodings of one picture. */
export const SIMULCAST: readonly Layer[] = [
    { rid: 'l', scale: 4, maxBitrate: 150_000, context: CONTEXT.camera },
    { rid: 'm', scale: 2, maxBitrate: 500_000, context: CONTEXT.cameraMiddle },
    { rid: 'h', scale: 1, maxBitrate: 1_700_000, context: CONTEXT.cameraHigh },
];
const SVC: Layer = { rid: '', scale: 1, maxBitrate: 2_000_000, context: CONTEXT.camera };
const SCREEN: Layer = { rid: '', scale: 1, maxBitrate: 2_500_000, context: CONTEXT.screen };
const VOICE: Layer = { rid: '', scale: 1, maxBitrate: 40_000, context: CONTEXT.audio };

interface Line {
    mid: string;
    kind: number;
    codec: number;
    layers: readonly Layer[];
    mode?: string;
}

export const LINES = {
    audio: { mid: MID.audio, kind: KIND.audio, codec: CODEC.opus, layers: [VOICE] },
    camera: { mid: MID.camera, kind: KIND.video, codec: CODEC.vp8, layers: SIMULCAST },
    svc: { mid: MID.svc, kind: KIND.video, codec: CODEC.vp9, layers: [SVC], mode: 'L3T3_KEY' },
    screen: { mid: MID.screen, kind: KIND.screen, codec: CODEC.vp8, layers: [SCREEN] },
} satisfies Record<string, Line>;
export type LineName = keyof typeof LINES;

/** One m-line that we send in. */
export class Outgoing {
    private readonly sender: RTCRtpSender;
    /** SSRCs by rid, known once our answer is in place. */
    private ssrc = new Map<string, number>();

    constructor(
        readonly line: Line,
        transceiver: RTCRtpTransceiver,
        core: Core,
    ) {
        this.sender = transceiver.sender;
        transceiver.direction = 'sendonly';
        // Before there is a track: nothing may leave that was not encrypted.
        this.sender.transform = core.transform(this.options());
    }

    get sending(): boolean {
        return this.sender.track !== null;
    }

    async put(track: MediaStreamTrack | null): Promise<void> {
        if (this.sender.track !== track) await this.sender.replaceTrack(track);
    }

    /** Bitrates and sizes of the layers; the description must have been taken. */
    async limit(): Promise<void> {
        const parameters = this.sender.getParameters();
        const audio = this.line.kind === KIND.audio;
        parameters.encodings.forEach((encoding: Encoding, i) => {
            const layer =
                this.line.layers.find((l) => l.rid === (encoding.rid ?? '')) ?? this.line.layers[i];
            if (!layer) return;
            encoding.maxBitrate = layer.maxBitrate;
            if (audio) return;
            encoding.scaleResolutionDownBy = layer.scale;
            encoding.scalabilityMode = this.line.mode ?? 'L1T1';
        });
        if (this.line.kind === KIND.screen)
            parameters.degradationPreference = 'maintain-resolution';
        await this.sender.setParameters(parameters);
    }

    /**
     * answer: our description. Chromium tells the SSRCs of layers in its statistics, Firefox in the
     * text.
     */
    async learnSsrc(answer: string): Promise<void> {
        const told = ssrcsOf(answer, this.line.mid);
        this.line.layers.forEach((layer, i) => this.ssrc.set(layer.rid, told[i] ?? 0));
        for (const [, stat] of await this.sender.getStats()) {
            if (stat.type !== 'outbound-rtp') continue;
            this.ssrc.set(typeof stat.rid === 'string' ? stat.rid : '', Number(stat.ssrc));
        }
    }

    published(): PublishedStream {
        const settings = this.sender.track?.getSettings();
        const height = settings?.height ?? 0;
        return {
            kind: this.line.kind,
            codec: this.line.codec,
            mid: this.line.mid,
            layers: this.line.layers.map((l) => ({
                rid: l.rid,
                ssrc: this.ssrc.get(l.rid) ?? 0,
                height: Math.floor(height / l.scale),
                context: l.context,
            })),
        };
    }

    private options(): TransformOptions {
        const { mid, kind, layers } = this.line;
        const context = layers[0]?.context ?? 0;
        const common = { direction: 'send' as const, mid, context };
        if (kind === KIND.audio) return { ...common, kind: 'audio' };
        if (layers.length === 1) return { ...common, kind: 'video' };
        return {
            ...common,
            kind: 'video',
            layers: Object.fromEntries(layers.map((l) => [l.rid, l.context])),
        };
    }
}

/** Newer than the DOM's declarations. */
interface Encoding extends RTCRtpEncodingParameters {
    scalabilityMode?: string;
}
