// Which devices were chosen, kept in this browser: identifiers that mean nothing to other origins.
import type { DeviceKind } from './types';

const KEY = 'incamera.devices';
const NONE: Record<DeviceKind, string> = { camera: '', microphone: '', speaker: '' };

export function loadChoice(): Record<DeviceKind, string> {
    try {
        const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
        if (typeof kept !== 'object' || kept === null) return { ...NONE };
        const text = (kind: DeviceKind) => {
            const value: unknown = Reflect.get(kept, kind);
            return typeof value === 'string' ? value : '';
        };
        return { camera: text('camera'), microphone: text('microphone'), speaker: text('speaker') };
    } catch {
        return { ...NONE }; // storage may be refused: then the system chooses
    }
}

export function saveChoice(choice: Record<DeviceKind, string>): void {
    try {
        localStorage.setItem(KEY, JSON.stringify(choice));
    } catch {
        // It holds until the page is closed.
    }
}
