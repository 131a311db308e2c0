// Bodies of annotation (kind 35) and of input (kind 51), as the core takes them from the page.
export type Input =
    | { type: 'move'; x: number; y: number }
    | { type: 'button'; button: number; down: boolean }
    | { type: 'wheel'; dx: number; dy: number }
    | { type: 'key'; keysym: number; down: boolean };

export const INPUTS_MAX = 32;
export const POINTS_MAX = 500;

class Bytes {
    private readonly all: number[] = [];

    u8(v: number): void {
        this.all.push(v & 0xff);
    }

    u16(v: number): void {
        this.u8(v >> 8);
        this.u8(v);
    }

    u32(v: number): void {
        this.u16(v >>> 16);
        this.u16(v & 0xffff);
    }

    /** 16 hexadecimal digits. */
    u64(hex: string): void {
        for (let i = 0; i < 16; i += 2) this.u8(parseInt(hex.slice(i, i + 2), 16));
    }

    done(): Uint8Array {
        return Uint8Array.from(this.all);
    }
}

/** With nothing but the inputs filled in: whose screen, and by which grant, the core knows. */
export function inputBody(inputs: readonly Input[]): Uint8Array {
    const out = new Bytes();
    out.u8(1);
    out.u64('0000000000000000');
    out.u32(0);
    out.u32(0);
    out.u8(inputs.length);
    for (const i of inputs) {
        if (i.type === 'move') {
            out.u8(1);
            out.u16(i.x);
            out.u16(i.y);
        } else if (i.type === 'wheel') {
            out.u8(3);
            out.u8(i.dx);
            out.u8(i.dy);
        } else {
            out.u8(i.type === 'button' ? 2 : 4);
            out.u32(i.type === 'button' ? i.button : i.keysym);
            out.u8(i.down ? 1 : 0);
        }
    }
    return out.done();
}

export interface Stroke {
    number: number;
    colour: number;
    width: number;
    keep: boolean;
    /** x0, y0, ...: 0 to 65535 across the picture. */
    points: readonly number[];
}

function head(what: number, target: string): Bytes {
    const out = new Bytes();
    out.u8(1);
    out.u8(what);
    out.u64(target);
    return out;
}

export function strokeBody(target: string, s: Stroke): Uint8Array {
    const out = head(1, target);
    out.u32(s.number);
    out.u8(s.colour);
    out.u8(s.width);
    out.u8(s.keep ? 1 : 0);
    out.u16(s.points.length / 2);
    for (const v of s.points) out.u16(v);
    return out.done();
}

export function clearBody(target: string): Uint8Array {
    return head(2, target).done();
}

export function switchBody(target: string, on: boolean): Uint8Array {
    const out = head(3, target);
    out.u8(on ? 1 : 0);
    return out.done();
}
