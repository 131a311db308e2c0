// What arrives: pictures by slot, named by what decrypts there, and what to say where nothing does.
import { signal } from '@preact/signals';
import type { Core, EventOf, MediaSource } from '../core/types';
import { arrivalOf } from './arrival';
import type { Incoming, Peer } from './peer';
import { SlotTable, pictureKey, sourceOf } from './slots';
import type { ArrivalState, PictureKind, Remote, Shown } from './types';
import { KIND } from './wire';

const LOOK_MS = 500;
const SETTLE_MS = 120;

/** One receive slot, as it was last seen. */
class Slot {
    leaf = -1;
    stream: PictureKind | 'audio' | null = null;
    frames = 0;
    packets = 0;
    decodedAt = -Infinity;
    packetAt = -Infinity;
    trouble = '';
    troubleAt = -Infinity;
    height = 0;
    readonly media: MediaStream;

    constructor(readonly incoming: Incoming) {
        this.media = new MediaStream([incoming.track]);
    }
}

export class Receiver {
    readonly remote = signal<ReadonlyMap<number, Remote>>(new Map());
    private readonly table = new SlotTable();
    private readonly slots = new Map<string, Slot>();
    private readonly askedAt = new Map<string, number>();
    private pages: MediaSource[][] = [];
    private sources: MediaSource[] = [];
    private peer: Peer | null = null;
    /** Who was named on a transport that is being opened: it may be quicker than what opens it. */
    private readonly early = new Map<string, EventOf<'tile'>>();
    private opening = false;
    private selected = '';
    private self = -1;
    private settle: ReturnType<typeof setTimeout> | undefined;
    private readonly look = setInterval(() => void this.observe(), LOOK_MS);
    private readonly stops: (() => void)[];

    constructor(
        private readonly core: Core,
        private readonly now: () => number = () => performance.now(),
    ) {
        this.stops = [
            core.on('joined', (e) => {
                if (e.person.self) this.self = e.person.leaf;
            }),
            core.on('media_opened', () => this.begins()),
            core.on('media_sources', (e) => this.listed(e)),
            core.on('tile', (e) => this.named(e)),
            core.on('trouble', (e) => this.troubled(e)),
        ];
    }

    close(): void {
        clearInterval(this.look);
        clearTimeout(this.settle);
        this.stops.forEach((stop) => stop());
        this.remote.value = new Map();
    }

    /** A new transport, or none: of what arrives on it is known what was told while it was opened. */
    use(peer: Peer | null): void {
        this.peer = peer;
        this.slots.clear();
        this.selected = '';
        for (const i of peer?.incoming ?? []) this.slots.set(i.mid, new Slot(i));
        if (peer) {
            this.opening = false;
            this.early.forEach((e) => this.named(e));
            this.early.clear();
        }
        for (const key of this.askedAt.keys()) this.askedAt.set(key, this.now());
        this.select();
        this.tell();
    }

    show(pictures: readonly Shown[]): void {
        this.table.assign(pictures);
        const asked = new Set<string>();
        for (const p of pictures) if (p.height > 0) asked.add(pictureKey(p.leaf, p.kind));
        for (const key of this.askedAt.keys()) if (!asked.has(key)) this.askedAt.delete(key);
        for (const key of asked) if (!this.askedAt.has(key)) this.askedAt.set(key, this.now());
        clearTimeout(this.settle);
        this.settle = setTimeout(() => this.select(), SETTLE_MS);
        this.tell();
    }

    /** Voices by slot, for the loudspeaker and for who speaks. */
    voices(): { incoming: Incoming; leaf: number }[] {
        const all = [...this.slots.values()].filter((s) => s.incoming.kind === 'audio');
        return all.map((s) => ({ incoming: s.incoming, leaf: s.leaf }));
    }

    private listed(e: EventOf<'media_sources'>): void {
        this.pages.length = e.pages;
        this.pages[e.page] = e.sources;
        this.sources = this.pages.flatMap((page) => page ?? []);
        this.select();
        this.tell();
    }

    private begins(): void {
        this.opening = true;
        this.early.clear();
    }

    private named(e: EventOf<'tile'>): void {
        if (this.opening) this.early.set(e.mid, e);
        const slot = this.slots.get(e.mid);
        if (!slot) return;
        slot.leaf = e.leaf;
        slot.stream = e.stream;
        slot.packetAt = this.now();
        this.tell();
    }

    private troubled(e: EventOf<'trouble'>): void {
        const slot = e.mid === undefined ? undefined : this.slots.get(e.mid);
        if (!slot) return;
        slot.trouble = e.cause ?? '';
        slot.troubleAt = this.now();
        this.tell();
    }

    private select(): void {
        if (!this.peer) return;
        const slots = this.table.choices(this.sources);
        const text = JSON.stringify(slots);
        if (text === this.selected) return;
        this.selected = text;
        this.core.do({ do: 'media_select', slots }).catch(() => (this.selected = ''));
    }

    private async observe(): Promise<void> {
        const report = await this.peer?.stats().catch(() => null);
        if (!report) return;
        for (const [, stat] of report) {
            const slot = stat.type === 'inbound-rtp' ? this.slots.get(String(stat.mid)) : undefined;
            if (slot) this.count(slot, stat);
        }
        this.select();
        this.tell();
    }

    private count(slot: Slot, stat: RTCInboundRtpStreamStats): void {
        const now = this.now();
        // Sound that does not decrypt is concealed by the decoder: only what was not concealed
        // counts.
        const heard = (stat.totalSamplesReceived ?? 0) - (stat.concealedSamples ?? 0);
        const frames = slot.incoming.kind === 'audio' ? heard : (stat.framesDecoded ?? 0);
        if (frames > slot.frames) slot.decodedAt = now;
        if ((stat.packetsReceived ?? 0) > slot.packets) slot.packetAt = now;
        slot.frames = frames;
        slot.packets = stat.packetsReceived ?? 0;
        slot.height = stat.frameHeight ?? slot.height;
    }

    private tell(): void {
        const leaves = new Set(this.sources.map((s) => s.leaf));
        for (const s of this.slots.values()) if (s.leaf >= 0) leaves.add(s.leaf);
        const next = new Map<number, Remote>();
        leaves.delete(this.self);
        for (const leaf of leaves) next.set(leaf, this.person(leaf));
        if (!same(this.remote.peek(), next)) this.remote.value = next;
    }

    private person(leaf: number): Remote {
        const video = this.picture(leaf, 'video');
        const screen = this.picture(leaf, 'screen');
        const sendsVideo = sourceOf(this.sources, leaf, 'video') !== 0;
        const sendsScreen = sourceOf(this.sources, leaf, 'screen') !== 0;
        return {
            // The last picture of somebody whose camera is off would stand still for ever.
            video: (sendsVideo && video.slot?.media) || null,
            screen: (sendsScreen && screen.slot?.media) || null,
            videoState: video.state,
            screenState: screen.state,
            soundState: this.sound(leaf),
            sendsVideo,
            sendsScreen,
            videoHeight: video.slot?.height ?? 0,
            screenHeight: screen.slot?.height ?? 0,
        };
    }

    private picture(
        leaf: number,
        kind: PictureKind,
    ): { slot: Slot | undefined; state: ArrivalState } {
        const place = this.table.slotOf(leaf, kind);
        const asked = this.slots.get(`v${place}`);
        const carries = (s: Slot) => s.leaf === leaf && s.stream === kind;
        const slot = asked && carries(asked) ? asked : [...this.slots.values()].find(carries);
        const now = this.now();
        const seen = slot ?? asked;
        const state = arrivalOf({
            announced: sourceOf(this.sources, leaf, kind) !== 0,
            wanted: place >= 0,
            sinceMs: now - (this.askedAt.get(pictureKey(leaf, kind)) ?? now),
            sinceDecodedMs: now - (seen?.decodedAt ?? -Infinity),
            sincePacketMs: now - (seen?.packetAt ?? -Infinity),
            trouble: seen?.trouble ?? '',
            sinceTroubleMs: now - (seen?.troubleAt ?? -Infinity),
            theirs: slot !== undefined,
        });
        return { slot, state };
    }

    /** A voice is chosen by the server, so silence is no trouble: only what arrives can be bad. */
    private sound(leaf: number): ArrivalState {
        const announced = this.sources.some((s) => s.leaf === leaf && s.kind === KIND.audio);
        const slot = [...this.slots.values()].find((s) => s.leaf === leaf && s.stream === 'audio');
        if (!slot) return announced ? 'waiting' : 'paused';
        const now = this.now();
        if (now - slot.troubleAt > LOOK_MS * 4 || now - slot.decodedAt < LOOK_MS * 2) return 'ok';
        return slot.trouble === 'unknown_key' ? 'keys-missing' : 'garbage';
    }
}

function same(a: ReadonlyMap<number, Remote>, b: ReadonlyMap<number, Remote>): boolean {
    if (a.size !== b.size) return false;
    for (const [leaf, x] of a) {
        const y = b.get(leaf);
        if (!y || (Object.keys(x) as (keyof Remote)[]).some((k) => x[k] !== y[k])) return false;
    }
    return true;
}
