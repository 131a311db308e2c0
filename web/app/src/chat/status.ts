// Tells the others what is on here: microphone, camera, screen, and which pictures this browser receives.
import { effect } from '@preact/signals';
import type { Session } from '../room/session';
import { support } from '../rtc/support';

/** The answer ends it. */
export function tellStatus({ core, room, media }: Session): () => void {
    const { opaque, codecs } = support();
    return effect(() => {
        if (!room.self.value) return; // the core tells it at our entry; before there is nobody
        const on = (s: { state: string }) => s.state === 'on';
        void core
            .do({
                do: 'status',
                microphone: on(media.microphone.value),
                camera: on(media.camera.value),
                sharing: on(media.screen.value),
                opaque,
                codecs: codecs as ('vp8' | 'vp9')[],
            })
            .catch(() => undefined); // said again at the next change; a hint, no more
    });
}
