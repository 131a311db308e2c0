// The board as a file: SVG from the core, PNG drawn from that.
import { svg } from './model';

function save(blob: Blob, name: string): void {
    const url = URL.createObjectURL(blob);
    const a = document.createElement('a');
    a.href = url;
    a.download = name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function stamp(): string {
    return new Date().toISOString().slice(0, 16).replaceAll(':', '-');
}

export async function saveSvg(): Promise<string> {
    const name = `board-${stamp()}.svg`;
    save(new Blob([await svg()], { type: 'image/svg+xml' }), name);
    return name;
}

export async function savePng(): Promise<string> {
    const url = URL.createObjectURL(new Blob([await svg()], { type: 'image/svg+xml' }));
    try {
        const picture = new Image();
        picture.src = url;
        await picture.decode();
        const scale = Math.min(2, 8000 / Math.max(picture.width, picture.height, 1));
        const canvas = document.createElement('canvas');
        canvas.width = Math.ceil(picture.width * scale);
        canvas.height = Math.ceil(picture.height * scale);
        canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
        const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
        if (!blob) throw new Error('no picture');
        const name = `board-${stamp()}.png`;
        save(blob, name);
        return name;
    } finally {
        URL.revokeObjectURL(url);
    }
}
