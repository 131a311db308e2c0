// A picture for the board: made small enough here, so that nothing but its bytes goes to the others.
import { IMAGE_MAX, toBase64url } from './codec';
import { UNIT } from './geometry';
import type { BoardElement } from './types';

const SIDES = [1280, 960, 720, 540, 400, 300, 200];
const QUALITIES = [0.85, 0.7, 0.5];

async function encode(picture: ImageBitmap, side: number, quality: number): Promise<Blob | null> {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext('2d');
    if (!context) return null;
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
}

/** Null where it is no picture that this browser can read. */
export async function imageElement(
    file: Blob,
    make: () => BoardElement,
): Promise<BoardElement | null> {
    let picture: ImageBitmap;
    try {
        picture = await createImageBitmap(file);
    } catch {
        return null;
    }
    for (const side of SIDES)
        for (const quality of QUALITIES) {
            const blob = await encode(picture, side, quality);
            if (!blob || blob.size > IMAGE_MAX) continue;
            const shown = Math.min(480, picture.width);
            const bytes = new Uint8Array(await blob.arrayBuffer());
            return {
                ...make(),
                w: Math.round(shown * UNIT),
                h: Math.round((shown * picture.height * UNIT) / picture.width),
                image: toBase64url(bytes),
                image_type: 'image/jpeg',
            };
        }
    return null;
}
