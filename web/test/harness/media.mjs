// Media in tests: a look at a page's transports and at the pixels that it shows, and a UDP line
// that can be cut.
import { createSocket } from 'node:dgram';
import { until } from './index.mjs';
import { LIMIT_MS } from './limits.mjs';

/**
 * Before the page is opened: keeps its peer connections in `peers`; with a line, its packets take
 * that.
 * @param {UdpLine} [line]
 */
export async function watchMedia(page, line) {
    if (line) await page.exposeFunction('throughLine', (port) => line.through(port));
    const atStart = page.addInitScript ?? page.evaluateOnNewDocument; // Playwright's, puppeteer's
    await atStart.call(page, () => {
        const Real = RTCPeerConnection;
        globalThis.peers = [];
        globalThis.RTCPeerConnection = class extends Real {
            constructor(...args) {
                super(...args);
                globalThis.peers.push(this);
            }

            async setRemoteDescription({ type, sdp }) {
                if (!globalThis.throughLine) return super.setRemoteDescription({ type, sdp });
                const port = /^a=candidate:\S+ 1 udp \d+ \S+ (\d+) /m.exec(sdp)[1];
                const near = await globalThis.throughLine(Number(port));
                const led = sdp.replaceAll(` ${port} typ host`, ` ${near} typ host`);
                return super.setRemoteDescription({ type, sdp: led });
            }
        };
    });
}

/**
 * Of the transport in use: [{mid, kind, frames, height, packets, lost}] that arrive, or that are
 * sent.
 */
export function streams(page, type = 'inbound-rtp') {
    return page.evaluate(async (wanted) => {
        const peer = globalThis.peers
            .filter((p) => p.connectionState !== 'closed' && p.remoteDescription)
            .at(-1);
        if (!peer) return [];
        const all = [...(await peer.getStats()).values()].filter((s) => s.type === wanted);
        return all.map((s) => ({
            mid: s.mid,
            rid: s.rid,
            kind: s.kind,
            frames: s.framesDecoded ?? s.framesEncoded ?? 0,
            height: s.frameHeight ?? 0,
            packets: s.packetsReceived ?? s.packetsSent ?? 0,
            bytes: s.bytesReceived ?? s.bytesSent ?? 0,
            samples: (s.totalSamplesReceived ?? 0) - (s.concealedSamples ?? 0),
            energy: s.totalAudioEnergy ?? 0,
        }));
    }, type);
}

/**
 * A tile by the name on it (self: 'Ana (you)'). Firefox pages too: only what both drivers have is
 * used.
 */
const TILE = (name) => `article.tile[aria-label^="${name}"]`;

/** Mean difference of the tile's pixels over time, 0 to 255; -1: it has no picture. */
export async function motion(page, name, ms = 400) {
    return page.evaluate(
        async ([selector, wait]) => {
            const video = document.querySelector(`${selector} video`);
            if (!video || !video.videoWidth) return -1;
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [160, 90];
            const context = canvas.getContext('2d', { willReadFrequently: true });
            const take = () => {
                context.drawImage(video, 0, 0, 160, 90);
                return context.getImageData(0, 0, 160, 90).data;
            };
            const before = take();
            await new Promise((done) => setTimeout(done, wait));
            const after = take();
            let sum = 0;
            for (let i = 0; i < before.length; i++) sum += Math.abs(before[i] - after[i]);
            return (sum / before.length) * (4 / 3);
        },
        [TILE(name), ms],
    );
}

/** Until the picture on that tile moves. */
export const moves = (page, name, limitMs = 2 * LIMIT_MS) =>
    until(async () => (await motion(page, name)) > 0.2, `${name}'s picture moves`, limitMs);

/** Until it stands still, or is not shown. */
export const stands = (page, name, limitMs = 2 * LIMIT_MS) =>
    until(
        async () => (await motion(page, name, 700)) <= 0,
        `${name}'s picture stands or is gone`,
        limitMs,
    );

/** Pixels of the picture's height as it arrives; 0: none. */
export const heightOf = (page, name) =>
    page.evaluate((s) => document.querySelector(`${s} video`)?.videoHeight ?? 0, TILE(name));

/** Until voices are heard: samples that were not concealed, with energy. */
export const hears = (page, limitMs = 2 * LIMIT_MS) =>
    until(
        async () => {
            const first = await streams(page);
            await new Promise((done) => setTimeout(done, 400));
            const then = await streams(page);
            return then.some((s) => {
                const before = first.find((f) => f.mid === s.mid);
                return (
                    s.kind === 'audio' &&
                    before &&
                    s.samples > before.samples &&
                    s.energy > before.energy
                );
            });
        },
        'a voice is heard',
        limitMs,
    );

/** A line to the forwarder, whichever of its ports: packets pass until it is cut. */
export class UdpLine {
    constructor() {
        this.near = new Map();
        this.far = new Map();
        this.up = true;
        this.passed = 0;
    }

    /** The port that leads to that port of this machine. */
    async through(port) {
        const known = this.near.get(port);
        if (known) return known.address().port;
        const near = createSocket('udp4').on('error', () => undefined);
        this.near.set(port, near);
        await new Promise((done) => near.bind(0, done));
        near.on('message', (data, from) => this.#forth(near, port, data, from));
        return near.address().port;
    }

    #forth(near, port, data, from) {
        if (!this.up) return;
        const key = `${port} ${from.address} ${from.port}`;
        let socket = this.far.get(key);
        if (!socket) {
            socket = createSocket('udp4').on('error', () => undefined);
            socket.on('message', (answer) => {
                if (this.up) near.send(answer, from.port, from.address);
            });
            this.far.set(key, socket);
        }
        this.passed++;
        socket.send(data, port, '127.0.0.1');
    }

    cut() {
        this.up = false;
    }

    mend() {
        this.up = true;
    }

    close() {
        for (const socket of [...this.near.values(), ...this.far.values()]) socket.close();
    }
}
