/* The security code as a picture: a QR code (ISO/IEC 18004) of up to 63 digits, version 2 (25 x 25), error
 * correction M, mask 0. One size is enough here, so the whole generator is this page.
 *
 *     const dark = qrOfDigits('1234567890...');   // dark[y][x]
 */

const SIZE = 25;
const DATA = 28;
const CHECK = 16;
/** Format bits of level M (00) with mask 0, with their BCH remainder and mask: 101010000010010. */
const FORMAT = 0b101010000010010;

/** Mode, length and digits in groups of three, padded to 28 bytes. */
function dataOf(digits: string): Uint8Array {
    if (!/^\d{1,63}$/.test(digits)) throw new RangeError('1 to 63 digits');
    let bits = '0001' + digits.length.toString(2).padStart(10, '0');
    for (let i = 0; i < digits.length; i += 3) {
        const group = digits.slice(i, i + 3);
        bits += Number(group).toString(2).padStart([0, 4, 7, 10][group.length] ?? 10, '0');
    }
    bits += '0'.repeat(Math.min(4, DATA * 8 - bits.length));
    bits += '0'.repeat((8 - (bits.length % 8)) % 8);
    const out = new Uint8Array(DATA);
    for (let i = 0; i < DATA; i++) {
        const byte = bits.slice(8 * i, 8 * i + 8);
        const used = bits.length / 8;
        out[i] = byte ? parseInt(byte, 2) : (i - used) % 2 ? 0x11 : 0xec;
    }
    return out;
}

/** GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
    let r = 0;
    for (let i = 7; i >= 0; i--) {
        r = (r << 1) ^ ((r >> 7) * 0x11d);
        r ^= ((b >> i) & 1) * a;
    }
    return r;
}

/** Reed-Solomon remainder of the data by the product of (x - 2^i). */
function checkOf(data: Uint8Array): Uint8Array {
    const divisor = new Uint8Array(CHECK);
    divisor[CHECK - 1] = 1;
    let root = 1;
    for (let i = 0; i < CHECK; i++) {
        for (let j = 0; j < CHECK; j++)
            divisor[j] = times(divisor[j] ?? 0, root) ^ (divisor[j + 1] ?? 0);
        root = times(root, 2);
    }
    const rest = new Uint8Array(CHECK);
    for (const b of data) {
        const factor = b ^ (rest[0] ?? 0);
        rest.copyWithin(0, 1);
        rest[CHECK - 1] = 0;
        for (let i = 0; i < CHECK; i++) rest[i] = (rest[i] ?? 0) ^ times(divisor[i] ?? 0, factor);
    }
    return rest;
}

type Cells = (boolean | undefined)[][];

/** A square of rings around (cx, cy): finder patterns and the alignment pattern. */
function rings(cells: Cells, cx: number, cy: number, reach: number, light: readonly number[]): void {
    for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++) {
            const row = cells[cy + dy];
            const x = cx + dx;
            if (row && x >= 0 && x < SIZE)
                row[x] = !light.includes(Math.max(Math.abs(dx), Math.abs(dy)));
        }
}

function fixed(): Cells {
    const cells: Cells = Array.from({ length: SIZE }, () => Array<boolean | undefined>(SIZE).fill(undefined));
    const set = (x: number, y: number, dark: boolean) => {
        const row = cells[y];
        if (row) row[x] = dark;
    };
    for (let i = 0; i < SIZE; i++) {
        set(6, i, i % 2 === 0);
        set(i, 6, i % 2 === 0);
    }
    rings(cells, 3, 3, 4, [2, 4]);
    rings(cells, SIZE - 4, 3, 4, [2, 4]);
    rings(cells, 3, SIZE - 4, 4, [2, 4]);
    rings(cells, SIZE - 7, SIZE - 7, 2, [1]);
    const bit = (i: number) => ((FORMAT >> i) & 1) === 1;
    for (let i = 0; i < 6; i++) set(8, i, bit(i));
    set(8, 7, bit(6));
    set(8, 8, bit(7));
    set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) set(SIZE - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) set(8, SIZE - 15 + i, bit(i));
    set(8, SIZE - 8, true);
    return cells;
}

/** Two columns at a time from the right, up and down in turns, around what is fixed. */
function lay(cells: Cells, bytes: Uint8Array): void {
    let i = 0;
    for (let right = SIZE - 1; right >= 1; right -= 2) {
        if (right === 6) right = 5;
        for (let step = 0; step < SIZE; step++)
            for (const x of [right, right - 1]) {
                const up = ((right + 1) & 2) === 0;
                const y = up ? SIZE - 1 - step : step;
                const row = cells[y];
                if (!row || row[x] !== undefined) continue;
                const bit = ((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1;
                row[x] = (bit === 1) !== ((x + y) % 2 === 0);
                i++;
            }
    }
}

export function qrOfDigits(digits: string): boolean[][] {
    const data = dataOf(digits);
    const cells = fixed();
    lay(cells, new Uint8Array([...data, ...checkOf(data)]));
    return cells.map((row) => row.map((c) => c === true));
}
