// Writes the session description that a browser takes for the forwarder's offer. The server sends
// compact parameters only; everything else is fixed by the media wire, so this is a pure function
// of few values:
//
//     const sdp = writeOffer({ ufrag, pwd, fingerprint, addresses, sections });
//     await peer.setRemoteDescription({ type: 'offer', sdp });
import { EXTENSION, EXTENSION_URI, PAYLOAD } from './wire';
import type { Codec } from './wire';

export interface OfferSection {
    mid: string;
    kind: 'audio' | 'video';
    /** Seen from us: 'send' is what the browser sends. */
    direction: 'send' | 'receive';
    codecs: Codec[];
    /** Simulcast layers that we may send, the lowest picture first. */
    rids?: string[];
    /** The SSRC of the forwarder's packets, for 'receive'. */
    ssrc?: number;
    /** Where the encoder begins, so that the first picture is sharp. */
    startKbps?: number;
}

export interface Offer {
    ufrag: string;
    pwd: string;
    /** SHA-256 of the forwarder's certificate, 64 hexadecimal digits. */
    fingerprint: string;
    addresses: { host: string; port: number }[];
    sections: OfferSection[];
}

const CLOCK: Record<Codec, string> = { opus: 'opus/48000/2', vp8: 'VP8/90000', vp9: 'VP9/90000' };
const OPUS_FORMAT = 'minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0';
// Of what foreign text may be made: it must not be able to begin a line of its own.
const TOKEN = /^[A-Za-z0-9+/_-]{1,256}$/;
const HOST = /^[0-9A-Fa-f.:]{2,45}$/;
const FINGERPRINT = /^[0-9A-Fa-f]{64}$/;

/** The forwarder's parameters cannot be used: which one. */
export class OfferError extends Error {
    constructor(what: string) {
        super(`the forwarder's ${what} cannot be used`);
        this.name = 'OfferError';
    }
}

function expect(ok: boolean, what: string): void {
    if (!ok) throw new OfferError(what);
}

function check(offer: Offer): void {
    expect(TOKEN.test(offer.ufrag) && offer.ufrag.length >= 4, 'ICE name');
    expect(TOKEN.test(offer.pwd) && offer.pwd.length >= 22, 'ICE password');
    expect(FINGERPRINT.test(offer.fingerprint), 'fingerprint');
    expect(offer.addresses.length > 0, 'addresses');
    for (const a of offer.addresses) {
        expect(HOST.test(a.host), 'address');
        expect(Number.isInteger(a.port) && a.port > 0 && a.port < 65536, 'port');
    }
    for (const s of offer.sections) {
        const ssrc = s.ssrc ?? 1;
        expect(Number.isInteger(ssrc) && ssrc > 0 && ssrc <= 0xffffffff, 'SSRC');
    }
}

export function writeOffer(offer: Offer): string {
    check(offer);
    const lines = [
        'v=0',
        'o=- 1 1 IN IP4 127.0.0.1',
        's=-',
        't=0 0',
        'a=ice-lite',
        // The Dependency Descriptor of spatial layers is longer than the one-byte form holds.
        'a=extmap-allow-mixed',
        `a=group:BUNDLE ${offer.sections.map((s) => s.mid).join(' ')}`,
        'a=msid-semantic: WMS *',
    ];
    offer.sections.forEach((s, i) => lines.push(...section(offer, s, i === 0)));
    return lines.join('\r\n') + '\r\n';
}

function section(offer: Offer, s: OfferSection, first: boolean): string[] {
    const payloads = s.codecs.map((c) => PAYLOAD[c]).join(' ');
    return [
        `m=${s.kind} 9 UDP/TLS/RTP/SAVPF ${payloads}`,
        'c=IN IP4 0.0.0.0',
        `a=mid:${s.mid}`,
        ...transport(offer, first),
        s.direction === 'send' ? 'a=recvonly' : 'a=sendonly',
        'a=rtcp-mux',
        'a=rtcp-rsize',
        ...extensions(s),
        ...s.codecs.flatMap((c) => codec(c, s)),
        ...(s.rids ?? []).map((rid) => `a=rid:${rid} recv`),
        ...(s.rids ? [`a=simulcast:recv ${s.rids.join(';')}`] : []),
        ...(s.ssrc === undefined ? [] : stream(s.mid, s.ssrc)),
    ];
}

function transport(offer: Offer, first: boolean): string[] {
    const pairs = offer.fingerprint.toUpperCase().match(/../g) ?? [];
    const lines = [
        `a=ice-ufrag:${offer.ufrag}`,
        `a=ice-pwd:${offer.pwd}`,
        `a=fingerprint:sha-256 ${pairs.join(':')}`,
        'a=setup:actpass',
    ];
    if (!first) return lines;
    offer.addresses.forEach((a, i) => {
        const priority = 2130706431 - i * 256;
        lines.push(`a=candidate:${i + 1} 1 udp ${priority} ${a.host} ${a.port} typ host`);
    });
    return [...lines, 'a=end-of-candidates'];
}

function extensions(s: OfferSection): string[] {
    const names: (keyof typeof EXTENSION)[] =
        s.kind === 'audio' ? ['audioLevel', 'mid'] : ['dependencyDescriptor', 'mid'];
    if (s.rids) names.push('rid');
    return names.map((n) => `a=extmap:${EXTENSION[n]} ${EXTENSION_URI[n]}`);
}

function codec(name: Codec, s: OfferSection): string[] {
    const type = PAYLOAD[name];
    const lines = [`a=rtpmap:${type} ${CLOCK[name]}`];
    if (name === 'opus') return [...lines, `a=fmtp:${type} ${OPUS_FORMAT}`, `a=ptime:20`];
    const format = name === 'vp9' ? ['profile-id=0'] : [];
    if (s.startKbps) format.push(`x-google-start-bitrate=${s.startKbps}`);
    if (format.length) lines.push(`a=fmtp:${type} ${format.join(';')}`);
    for (const kind of ['nack', 'nack pli', 'ccm fir']) lines.push(`a=rtcp-fb:${type} ${kind}`);
    return lines;
}

function stream(mid: string, ssrc: number): string[] {
    // Each slot is a stream of its own: sound and pictures of one person meet by the sender
    // reports' clock.
    return [`a=msid:${mid} ${mid}`, `a=ssrc:${ssrc} cname:${mid}`];
}

/** The SSRCs that a description names for that mid, in order. */
export function ssrcsOf(sdp: string, mid: string): number[] {
    const section = sdp.split(/^(?=m=)/m).find((s) => s.split(/\r?\n/).includes(`a=mid:${mid}`));
    const found = [...(section ?? '').matchAll(/^a=ssrc:(\d{1,10}) /gm)].map((m) => Number(m[1]));
    return [...new Set(found)];
}
