// How many columns make the largest tiles.

export interface Fit {
    columns: number;
    rows: number;
    /** Of one tile, in CSS pixels. */
    width: number;
    height: number;
}

/** Tiles may be a little taller than a camera's picture, which is then cut at its edges; on a phone much taller. */
const WIDE = [16 / 9, 4 / 3];
const TALL = [16 / 9, 4 / 3, 1, 3 / 4];

export function fit(count: number, width: number, height: number, gap: number): Fit {
    const ratios = width < height ? TALL : WIDE;
    let best: Fit = { columns: 1, rows: Math.max(count, 1), width: 0, height: 0 };
    for (let columns = 1; columns <= Math.max(count, 1); columns++) {
        const rows = Math.ceil(Math.max(count, 1) / columns);
        const roomW = (width - gap * (columns - 1)) / columns;
        const roomH = (height - gap * (rows - 1)) / rows;
        for (const ratio of ratios) {
            const w = Math.min(roomW, roomH * ratio);
            const h = w / ratio;
            // a wider shape wins unless another is clearly larger
            if (w > 0 && w * h > best.width * best.height * 1.15)
                best = { columns, rows, width: Math.floor(w), height: Math.floor(h) };
        }
    }
    return best;
}

/** How many people fit on one page: tiles stay at least so wide that a face can be seen. */
export function pageSize(width: number, height: number): number {
    const least = 144;
    const across = Math.max(1, Math.floor(width / least));
    const down = Math.max(1, Math.floor(height / (least * 0.75)));
    return Math.max(2, Math.min(across * down, 25));
}
