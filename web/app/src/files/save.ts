// Where a file goes on this device: a place that the person chooses, where the browser can ask for one, else its
// folder of downloads.
interface Picker {
    showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

const KEPT_MS = 120000; // longer than a download takes to begin

/** undefined: the browser's downloads; null: the person thought better of it. */
export async function choosePlace(name: string): Promise<FileSystemFileHandle | undefined | null> {
    const { showSaveFilePicker } = window as Picker;
    if (!showSaveFilePicker) return undefined;
    try {
        return await showSaveFilePicker.call(window, { suggestedName: name });
    } catch (error) {
        return error instanceof DOMException && error.name === 'AbortError' ? null : undefined;
    }
}

export function keep(blob: Blob, name: string): void {
    const a = document.createElement('a');
    a.href = URL.createObjectURL(blob);
    a.download = name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), KEPT_MS);
}
