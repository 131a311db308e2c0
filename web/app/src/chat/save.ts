// A file for this person: where they choose, where the browser can ask; else among the downloads.

export function fileName(what: string, end: string, now = new Date()): string {
    const two = (n: number) => String(n).padStart(2, '0');
    const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    return `incamera-${what}-${day}-${two(now.getHours())}${two(now.getMinutes())}.${end}`;
}

export function download(blob: Blob, name: string): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
