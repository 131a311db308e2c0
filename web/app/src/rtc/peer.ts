// One transport to the forwarder: a peer connection made from its compact parameters. It lives
// until the network or the server ends it; then another takes its place (session.ts).
import type { Core, EventOf, PublishedStream } from '../core/types';
import type { Certificate } from './certificate';
import { writeOffer } from './sdp';
import type { OfferSection } from './sdp';
import { LINES, Outgoing } from './sender';
import type { LineName } from './sender';
import { KIND } from './wire';

/** What a picture may need at once; the loss reports of the forwarder correct it downwards. */
const START_KBPS = 2500;

export interface Incoming {
    mid: string;
    kind: 'audio' | 'video';
    ssrc: number;
    track: MediaStreamTrack;
    receiver: RTCRtpReceiver;
}

export interface PeerEvents {
    up(): void;
    /** It will not come back by itself. */
    lost(): void;
}

export class Peer {
    readonly incoming: Incoming[] = [];
    readonly outgoing = new Map<LineName, Outgoing>();
    private readonly connection: RTCPeerConnection;
    private ended = false;
    private patience: ReturnType<typeof setTimeout> | undefined;

    private constructor(
        certificate: Certificate,
        private readonly events: PeerEvents,
    ) {
        this.connection = new RTCPeerConnection({
            certificates: [certificate.certificate],
            bundlePolicy: 'max-bundle',
        });
        this.connection.onconnectionstatechange = () => this.changed();
    }

    static async open(
        core: Core,
        certificate: Certificate,
        opened: EventOf<'media_opened'>,
        events: PeerEvents,
    ): Promise<Peer> {
        const peer = new Peer(certificate, events);
        try {
            await peer.connect(core, opened);
            return peer;
        } catch (error) {
            peer.close();
            throw error;
        }
    }

    /** Everything that has a track now. */
    published(): PublishedStream[] {
        return [...this.outgoing.values()].filter((o) => o.sending).map((o) => o.published());
    }

    stats(): Promise<RTCStatsReport> {
        return this.connection.getStats();
    }

    close(): void {
        if (this.ended) return;
        this.ended = true;
        clearTimeout(this.patience);
        this.connection.onconnectionstatechange = null;
        this.connection.close();
    }

    private async connect(core: Core, opened: EventOf<'media_opened'>): Promise<void> {
        const sections = sectionsFor(opened);
        const { ufrag, pwd, fingerprint, addresses } = opened;
        const sdp = writeOffer({ ufrag, pwd, fingerprint, addresses, sections });
        await this.connection.setRemoteDescription({ type: 'offer', sdp });
        this.connection.getTransceivers().forEach((t, i) => {
            const section = sections[i];
            if (!section) return;
            if (section.direction === 'send') this.addOutgoing(core, section.mid, t);
            else this.addIncoming(core, section, t);
        });
        for (const o of this.outgoing.values()) await o.limit();
        await this.connection.setLocalDescription(await this.connection.createAnswer());
        const answer = this.connection.localDescription?.sdp ?? '';
        for (const o of this.outgoing.values()) await o.learnSsrc(answer);
    }

    private addOutgoing(core: Core, mid: string, t: RTCRtpTransceiver): void {
        for (const name of Object.keys(LINES) as LineName[]) {
            if (LINES[name].mid === mid)
                this.outgoing.set(name, new Outgoing(LINES[name], t, core));
        }
    }

    private addIncoming(core: Core, s: OfferSection, t: RTCRtpTransceiver): void {
        const { receiver } = t;
        receiver.transform = core.transform({ direction: 'receive', kind: s.kind, mid: s.mid });
        this.incoming.push({
            mid: s.mid,
            kind: s.kind,
            ssrc: s.ssrc ?? 0,
            track: receiver.track,
            receiver,
        });
    }

    private changed(): void {
        clearTimeout(this.patience);
        const state = this.connection.connectionState;
        if (state === 'connected') this.events.up();
        else if (state === 'failed' || state === 'closed') this.events.lost();
        // A short gap heals by itself: consent is asked for every few seconds.
        else if (state === 'disconnected')
            this.patience = setTimeout(() => this.events.lost(), 3000);
    }
}

/** Our lines first, then a line for each slot, in the forwarder's order. */
export function sectionsFor(opened: EventOf<'media_opened'>): OfferSection[] {
    const up: OfferSection[] = Object.values(LINES).map((line) => {
        const rids = line.layers.length > 1 ? { rids: line.layers.map((l) => l.rid) } : {};
        const audio = line.kind === KIND.audio;
        return {
            mid: line.mid,
            kind: audio ? 'audio' : 'video',
            direction: 'send',
            codecs: [audio ? 'opus' : line.mid === LINES.svc.mid ? 'vp9' : 'vp8'],
            ...(audio ? {} : { startKbps: START_KBPS }),
            ...rids,
        };
    });
    let audio = 0;
    let video = 0;
    const down = opened.slots.map((slot): OfferSection => {
        const isAudio = slot.kind === KIND.audio;
        return {
            mid: isAudio ? `a${audio++}` : `v${video++}`,
            kind: isAudio ? 'audio' : 'video',
            direction: 'receive',
            codecs: isAudio ? ['opus'] : ['vp8', 'vp9'],
            ssrc: slot.ssrc,
        };
    });
    return [...up, ...down];
}
