// Puts what the devices give into the lines of the transport, and tells the server what there is.
import { computed, effect } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { Core } from '../core/types';
import type { Peer } from './peer';
import type { LineName } from './sender';

export interface Sources {
    audio: ReadonlySignal<MediaStreamTrack | null>;
    camera: ReadonlySignal<MediaStreamTrack | null>;
    screen: ReadonlySignal<MediaStreamTrack | null>;
}

export class Publisher {
    private readonly stop: () => void;
    private work: Promise<void> = Promise.resolve();

    constructor(
        private readonly core: Core,
        peer: ReadonlySignal<Peer | null>,
        sources: Sources,
        /** Whether the camera goes out in spatial layers of VP9. */
        svc: ReadonlySignal<boolean>,
    ) {
        const wanted = computed(() => ({
            peer: peer.value,
            tracks: {
                audio: sources.audio.value,
                camera: svc.value ? null : sources.camera.value,
                svc: svc.value ? sources.camera.value : null,
                screen: sources.screen.value,
            } satisfies Record<LineName, MediaStreamTrack | null>,
        }));
        this.stop = effect(() => {
            const { peer: to, tracks } = wanted.value;
            // One after the other: the last wish is the last to be carried out.
            if (to) this.work = this.work.then(() => this.put(to, tracks)).catch(report);
        });
    }

    close(): void {
        this.stop();
    }

    private async put(
        peer: Peer,
        tracks: Record<LineName, MediaStreamTrack | null>,
    ): Promise<void> {
        for (const [name, line] of peer.outgoing) await line.put(tracks[name]);
        await this.core.do({ do: 'media_publish', streams: peer.published() });
    }
}

/** The transport ended meanwhile: the next one gets it all again. */
function report(error: unknown): void {
    console.info('media:', error);
}
