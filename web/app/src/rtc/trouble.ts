// What a browser says when a device cannot be had, in our few words.
import type { DeviceKind, SourceTrouble } from './types';

const NAMES: Record<string, SourceTrouble> = {
    NotAllowedError: 'refused',
    PermissionDeniedError: 'refused',
    SecurityError: 'refused',
    NotFoundError: 'missing',
    DevicesNotFoundError: 'missing',
    OverconstrainedError: 'missing',
    NotReadableError: 'busy',
    TrackStartError: 'busy',
    AbortError: 'busy',
};

export function troubleOf(error: unknown): SourceTrouble {
    const name = error instanceof Error || error instanceof DOMException ? error.name : '';
    return NAMES[name] ?? 'failed';
}

/** A device could not be had: which, and why. */
export class MediaError extends Error {
    constructor(
        readonly device: DeviceKind | 'screen',
        readonly why: SourceTrouble,
    ) {
        super(`${device}: ${why}`);
        this.name = 'MediaError';
    }
}
