// The body of an op (docs/protocol/board.md), as the core takes it from the page.
import type { BoardElement, ElementType } from './types';

export const TYPES: readonly ElementType[] = [
    'pen',
    'line',
    'rect',
    'ellipse',
    'arrow',
    'text',
    'note',
    'image',
];
export const POINTS_MAX = 2000;
export const IMAGE_MAX = 40 * 1024;
export const TEXT_MAX = 2000;
export const ITEMS_MAX = 256;

export type Item =
    | { what: 'put' | 'change'; element: BoardElement }
    | { what: 'delete'; id: string };

class Bytes {
    private all = new Uint8Array(256);
    private view = new DataView(this.all.buffer);
    private length = 0;

    private room(n: number): number {
        const at = this.length;
        this.length += n;
        if (this.length > this.all.length) {
            const larger = new Uint8Array(Math.max(this.length, this.all.length * 2));
            larger.set(this.all);
            this.all = larger;
            this.view = new DataView(larger.buffer);
        }
        return at;
    }

    u8(v: number): void {
        this.view.setUint8(this.room(1), v);
    }

    u16(v: number): void {
        this.view.setUint16(this.room(2), v);
    }

    i16(v: number): void {
        this.view.setInt16(this.room(2), v);
    }

    i32(v: number): void {
        this.view.setInt32(this.room(4), v);
    }

    u64(hex: string): void {
        this.view.setBigUint64(this.room(8), BigInt('0x' + hex));
    }

    /** A length as in RFC 9420 section 2.1.2, then the bytes. */
    vec(v: Uint8Array): void {
        if (v.length < 64) this.u8(v.length);
        else if (v.length < 16384) this.u16(0x4000 | v.length);
        else this.i32((0x80000000 | v.length) | 0);
        const at = this.room(v.length); // may move what is there
        this.all.set(v, at);
    }

    done(): Uint8Array {
        return this.all.slice(0, this.length);
    }
}

export function fromBase64url(text: string): Uint8Array {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

export function toBase64url(bytes: Uint8Array): string {
    let plain = '';
    for (const b of bytes) plain += String.fromCharCode(b);
    return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Steps from point to point; one that is too long for 16 bits goes in several. */
function steps(e: BoardElement): Uint8Array {
    const out = new Bytes();
    const points = e.points ?? [];
    let x = e.x;
    let y = e.y;
    for (let i = 0; i + 1 < points.length; i += 2) {
        const far = Math.max(Math.abs((points[i] ?? 0) - x), Math.abs((points[i + 1] ?? 0) - y));
        for (let n = Math.max(1, Math.ceil(far / 32000)); n > 0; n--) {
            const dx = Math.round(((points[i] ?? 0) - x) / n);
            const dy = Math.round(((points[i + 1] ?? 0) - y) / n);
            out.i16(dx);
            out.i16(dy);
            x += dx;
            y += dy;
        }
    }
    return out.done();
}

function data(e: BoardElement): Uint8Array {
    if (e.type === 'pen') return steps(e);
    if (e.type === 'image') return fromBase64url(e.image ?? '');
    return new TextEncoder().encode(e.text ?? '');
}

function id(out: Bytes, text: string): void {
    const [author, number] = text ? text.split('-') : ['0', '1']; // new: the core names it
    out.u64(author ?? '0');
    out.u64(number ?? '1');
}

export function encodeOp(items: readonly Item[]): Uint8Array {
    const out = new Bytes();
    out.u8(1);
    out.u8(0);
    out.u16(items.length);
    for (const it of items) {
        out.u8(it.what === 'put' ? 1 : it.what === 'change' ? 2 : 3);
        if (it.what === 'delete') {
            id(out, it.id);
            continue;
        }
        const e = it.element;
        id(out, e.id);
        out.u8(TYPES.indexOf(e.type) + 1);
        out.u8(e.colour);
        out.u8(e.fill);
        out.u8(e.width);
        for (const v of [e.z, e.x, e.y, e.w, e.h]) out.i32(Math.round(v));
        out.vec(data(e));
    }
    return out.done();
}
