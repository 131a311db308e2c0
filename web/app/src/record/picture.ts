// What a recording shows: the room in the chosen layout, drawn into a canvas. Others' pictures bear the watermark
// where the meeting's terms say so, exactly as on the screen.
import { drawWatermark, watermarkWords } from '../chat/watermark';
import { watermark } from '../chat/terms';
import { letters } from '../room/avatar';
import { fit } from '../room/grid';
import type { Session } from '../room/session';
import { layout } from '../state/prefs';
import type { Member } from '../state/model';

export const WIDTH = 1280;
export const HEIGHT = 720;
const GAP = 8;
const STRIP = 240;
type Box = [number, number, number, number];

/** Streams as they can be drawn: a hidden element each, while it is needed. */
class Elements {
    private readonly all = new Map<MediaStream, HTMLVideoElement>();

    of(stream: MediaStream): HTMLVideoElement {
        let v = this.all.get(stream);
        if (!v) {
            v = document.createElement('video');
            v.muted = true;
            v.srcObject = stream;
            v.play().catch(() => undefined); // drawn as soon as it plays
            this.all.set(stream, v);
        }
        return v;
    }

    keep(used: ReadonlySet<MediaStream>): void {
        for (const [stream, v] of this.all)
            if (!used.has(stream)) {
                v.srcObject = null;
                this.all.delete(stream);
            }
    }
}

export class Picture {
    readonly canvas = document.createElement('canvas');
    private readonly c: CanvasRenderingContext2D;
    private readonly elements = new Elements();
    private used = new Set<MediaStream>();

    constructor(private readonly session: Session) {
        this.canvas.width = WIDTH;
        this.canvas.height = HEIGHT;
        const c = this.canvas.getContext('2d', { alpha: false });
        if (!c) throw new Error('this browser draws no pictures');
        this.c = c;
    }

    draw(): void {
        const people = this.session.room.people.peek();
        this.used = new Set();
        this.c.fillStyle = '#131518';
        this.c.fillRect(0, 0, WIDTH, HEIGHT);
        const screen = people.find((p) => this.screenOf(p));
        if (screen || layout.peek() !== 'grid') this.stage(people, screen);
        else this.grid(people);
        this.elements.keep(this.used);
    }

    close(): void {
        this.elements.keep(new Set());
    }

    private screenOf(p: Member): MediaStream | null {
        const { media } = this.session;
        return p.self ? media.selfScreen.peek() : (media.remote.peek().get(p.leaf)?.screen ?? null);
    }

    private cameraOf(p: Member): MediaStream | null {
        const { media } = this.session;
        if (p.self) return media.selfVideo.peek();
        return p.status?.camera === false ? null : (media.remote.peek().get(p.leaf)?.video ?? null);
    }

    private grid(people: readonly Member[]): void {
        const { columns: across, width, height } = fit(people.length, WIDTH, HEIGHT, GAP);
        const rows = Math.ceil(people.length / across);
        const top = (HEIGHT - rows * (height + GAP) + GAP) / 2;
        people.forEach((p, i) => {
            const inRow = Math.min(across, people.length - Math.floor(i / across) * across);
            const left = (WIDTH - inRow * (width + GAP) + GAP) / 2;
            const x = left + (i % across) * (width + GAP);
            this.tile(p, [x, top + Math.floor(i / across) * (height + GAP), width, height]);
        });
    }

    private stage(people: readonly Member[], screen: Member | undefined): void {
        const last = this.session.media.speaker.peek();
        const staged = screen ?? people.find((p) => p.leaf === last) ?? people.find((p) => !p.self) ?? people[0];
        const strip = people.filter((p) => screen || p !== staged);
        const wide = strip.length ? WIDTH - STRIP - GAP : WIDTH;
        if (screen) this.screen(screen, [0, 0, wide, HEIGHT]);
        else if (staged) this.tile(staged, [0, 0, wide, HEIGHT]);
        const h = Math.min((STRIP * 9) / 16, HEIGHT / Math.max(1, strip.length) - GAP);
        strip.forEach((p, i) => this.tile(p, [WIDTH - STRIP, i * (h + GAP), STRIP, h]));
    }

    private screen(p: Member, box: Box): void {
        const stream = this.screenOf(p);
        if (stream) this.video(stream, box, 'contain');
        this.finish(p, box);
    }

    private tile(p: Member, box: Box): void {
        const stream = this.cameraOf(p);
        const [x, y, w, h] = box;
        this.c.fillStyle = '#24282d';
        this.c.fillRect(x, y, w, h);
        if (!stream || !this.video(stream, box, 'cover')) this.avatar(p, box);
        this.finish(p, box);
    }

    private video(stream: MediaStream, [x, y, w, h]: Box, how: 'cover' | 'contain'): boolean {
        const v = this.elements.of(stream);
        this.used.add(stream);
        if (!v.videoWidth || v.readyState < v.HAVE_CURRENT_DATA) return false;
        const pick = how === 'cover' ? Math.max : Math.min;
        const scale = pick(w / v.videoWidth, h / v.videoHeight);
        const [vw, vh] = [v.videoWidth * scale, v.videoHeight * scale];
        this.c.save();
        this.c.beginPath();
        this.c.rect(x, y, w, h);
        this.c.clip();
        this.c.drawImage(v, x + (w - vw) / 2, y + (h - vh) / 2, vw, vh);
        this.c.restore();
        return true;
    }

    private avatar(p: Member, [x, y, w, h]: Box): void {
        const r = Math.min(w, h) / 5;
        this.c.fillStyle = '#3a4048';
        this.c.beginPath();
        this.c.arc(x + w / 2, y + h / 2, r, 0, 7);
        this.c.fill();
        this.c.fillStyle = '#eef0f2';
        this.c.font = `600 ${Math.round(r * 0.9)}px system-ui, sans-serif`;
        this.c.textAlign = 'center';
        this.c.textBaseline = 'middle';
        this.c.fillText(letters(p.name), x + w / 2, y + h / 2);
    }

    /** The watermark, and whose picture it is. */
    private finish(p: Member, box: Box): void {
        const me = this.session.room.self.peek();
        if (watermark.peek() && !p.self && me)
            drawWatermark(this.c, box, watermarkWords(me.name, me.key_hash));
        const [x, y, , h] = box;
        this.c.font = '600 16px system-ui, sans-serif';
        this.c.textAlign = 'start';
        this.c.textBaseline = 'middle';
        const w = this.c.measureText(p.name).width + 20;
        this.c.fillStyle = 'rgb(14 16 18 / 72%)';
        this.c.fillRect(x + 8, y + h - 36, w, 28);
        this.c.fillStyle = '#ffffff';
        this.c.fillText(p.name, x + 18, y + h - 21);
    }
}
