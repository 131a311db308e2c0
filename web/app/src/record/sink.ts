// Where a recording goes, piece by piece: the file that the person chose; where the browser cannot ask, a file of the
// browser's own that is offered as a download at the end. Nothing is kept in memory.
import { download } from '../chat/save';

export interface Sink {
    /** Rejects where the disk is full or the file cannot be written. */
    write(piece: Blob): Promise<void>;
    /** What was written stays; gives the name under which it is found. */
    close(): Promise<string>;
}

interface Picker {
    showSaveFilePicker?(options: {
        suggestedName: string;
        types: { description: string; accept: Record<string, string[]> }[];
    }): Promise<FileSystemFileHandle>;
}

function into(stream: FileSystemWritableFileStream, done: () => Promise<string>): Sink {
    return {
        write: (piece) => stream.write(piece),
        close: async () => {
            await stream.close();
            return done();
        },
    };
}

/** Asks where to: so it belongs into a click. Rejects with AbortError where the person thinks better of it. */
export async function openSink(name: string): Promise<Sink> {
    const { showSaveFilePicker } = window as unknown as Picker;
    if (showSaveFilePicker) {
        const handle = await showSaveFilePicker.call(window, {
            suggestedName: name,
            types: [{ description: 'WebM', accept: { 'video/webm': ['.webm'] } }],
        });
        return into(await handle.createWritable(), () => Promise.resolve(handle.name));
    }
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle(name, { create: true });
    return into(await handle.createWritable(), async () => {
        download(await handle.getFile(), name);
        return name;
    });
}
