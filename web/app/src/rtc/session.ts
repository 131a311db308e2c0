// The life of our media in one meeting: asks for a transport whenever there is none, and again when
// the network or the server took it. Nobody has to click.
import { signal } from '@preact/signals';
import type { Core, EventOf, ShieldState } from '../core/types';
import { makeCertificate } from './certificate';
import type { Certificate } from './certificate';
import { Peer } from './peer';
import type { Transport } from './types';
import { AUDIO_SLOTS, VIDEO_SLOTS } from './wire';

const RETRY_MS = 1000;
const ANSWER_MS = 5000;
/** States in which the server takes us for a member. */
const IN_GROUP: readonly ShieldState[] = ['e2ee', 'e2ee_compare', 'updating'];

export class Session {
    readonly transport = signal<Transport>('idle');
    readonly peer = signal<Peer | null>(null);
    private connected = true;
    private inGroup = false;
    private asked = false;
    private over = false;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private readonly stops: (() => void)[];

    constructor(
        private readonly core: Core,
        private readonly certificate: Promise<Certificate> = makeCertificate(),
    ) {
        this.stops = [
            core.on('connection', (e) => this.connection(e.up)),
            core.on('state', (e) => this.state(e.state)),
            core.on('media_opened', (e) => void this.opened(e)),
            core.on('ended', () => this.close()),
        ];
    }

    close(): void {
        this.over = true;
        clearTimeout(this.timer);
        this.stops.forEach((stop) => stop());
        this.drop();
        this.transport.value = 'idle';
    }

    private connection(up: boolean): void {
        this.connected = up;
        this.asked = false;
        // The server ends a transport with the connection that asked for it.
        if (up) this.drop();
        this.consider();
    }

    private state(state: ShieldState): void {
        this.inGroup = IN_GROUP.includes(state);
        this.consider();
    }

    private consider(): void {
        if (this.over || this.asked || this.peer.value || !this.connected || !this.inGroup) return;
        void this.ask();
    }

    private async ask(): Promise<void> {
        this.asked = true;
        this.transport.value = this.transport.value === 'idle' ? 'connecting' : 'lost';
        try {
            const { fingerprint } = await this.certificate;
            await this.core.do({
                do: 'media_open',
                ufrag: '',
                pwd: '',
                fingerprint,
                sources: [],
                audio_slots: AUDIO_SLOTS,
                video_slots: VIDEO_SLOTS,
            });
            this.again(ANSWER_MS);
        } catch {
            this.again(RETRY_MS);
        }
    }

    private again(ms: number): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
            this.asked = false;
            this.consider();
        }, ms);
    }

    private async opened(e: EventOf<'media_opened'>): Promise<void> {
        if (this.over) return;
        clearTimeout(this.timer);
        const before = this.peer.value;
        try {
            const certificate = await this.certificate;
            let peer: Peer | null = null; // until open() answers; the transport may be quicker
            let early: 'up' | 'lost' | null = null;
            peer = await Peer.open(this.core, certificate, e, {
                up: () => (peer ? this.up(peer) : (early = 'up')),
                lost: () => (peer ? this.lost(peer) : (early = 'lost')),
            });
            if (this.over) return peer.close();
            before?.close();
            this.peer.value = peer;
            this.caughtUp(peer, early);
        } catch (error) {
            console.error('media transport:', error);
            this.again(RETRY_MS);
        }
    }

    private caughtUp(peer: Peer, early: 'up' | 'lost' | null): void {
        if (early === 'up') this.up(peer);
        if (early === 'lost') this.lost(peer);
    }

    private up(peer: Peer): void {
        if (this.peer.value === peer) this.transport.value = 'up';
    }

    private lost(peer: Peer): void {
        if (this.peer.value !== peer) return;
        this.drop();
        this.transport.value = 'lost';
        this.again(0);
    }

    private drop(): void {
        this.peer.value?.close();
        this.peer.value = null;
    }
}
