// What the meeting's terms say about pictures and recording.
import { signal } from '@preact/signals';
import type { Session } from '../room/session';

/** The viewer's identity is drawn over others' pictures. */
export const watermark = signal(false);
/** Participants may record. */
export const mayRecord = signal(true);

export function followTerms({ core }: Session): () => void {
    const stop = core.on('terms', (e) => {
        if (e.watermark !== undefined) watermark.value = e.watermark;
        if (e.recording !== undefined) mayRecord.value = e.recording;
    });
    return () => {
        stop();
        watermark.value = false;
        mayRecord.value = true;
    };
}
