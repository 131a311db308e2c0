// Where a file is written: the place that the person chose, else the browser's own disk, else memory. Nothing of it
// is to be had under its name before close().
import type { FileInfo } from '../../files/types';

export interface Target {
    write(bytes: ArrayBuffer): Promise<void>;
    /** It is whole. A Blob, where the page has to save it. */
    close(): Promise<Blob | null>;
    /** Nothing of it stays. */
    abort(): Promise<void>;
}

const FOLDER = 'incamera-files';
const OLD_MS = 3600_000;
const MEMORY_MAX = 32 << 20;

/** A writable of the File System API keeps what is written aside until it is closed. */
async function chosen(handle: FileSystemFileHandle): Promise<Target> {
    const out = await handle.createWritable();
    return {
        write: (bytes) => out.write(bytes),
        close: async () => {
            await out.close();
            return null;
        },
        abort: () => out.abort().catch(() => undefined),
    };
}

async function folder(): Promise<FileSystemDirectoryHandle> {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(FOLDER, { create: true });
}

async function ownDisk({ type }: FileInfo): Promise<Target> {
    const dir = await folder();
    const name = `${Date.now()}-${crypto.randomUUID()}`;
    const handle = await dir.getFileHandle(name, { create: true });
    const out = await handle.createWritable();
    return {
        write: (bytes) => out.write(bytes),
        close: async () => {
            await out.close();
            const file = await handle.getFile();
            return new Blob([file], { type });
        },
        abort: async () => {
            await out.abort().catch(() => undefined);
            await dir.removeEntry(name).catch(() => undefined);
        },
    };
}

function memory({ type }: FileInfo): Target {
    let parts: ArrayBuffer[] = [];
    return {
        write: (bytes) => {
            parts.push(bytes);
            return Promise.resolve();
        },
        close: () => Promise.resolve(new Blob(parts, { type })),
        abort: () => {
            parts = [];
            return Promise.resolve();
        },
    };
}

export async function target(
    info: FileInfo,
    handle: FileSystemFileHandle | undefined,
    preview: boolean,
): Promise<Target> {
    if (handle) return chosen(handle);
    if (preview || info.size <= MEMORY_MAX) return memory(info);
    return ownDisk(info).catch(() => memory(info));
}

/** What a former visit left on the browser's own disk: saved long ago, or never. */
export async function clearLeftovers(): Promise<void> {
    try {
        const dir = await folder();
        for await (const name of (dir as unknown as { keys(): AsyncIterable<string> }).keys())
            if (Date.now() - parseInt(name, 10) > OLD_MS) await dir.removeEntry(name);
    } catch {
        // this browser has no such disk, or forbids it here
    }
}
