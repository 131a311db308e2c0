// All voices in one track. Who comes and goes while it runs is looked at every half second.
import type { RoomMedia } from '../rtc/types';

const LOOK_MS = 500;

export class Mix {
    private readonly context = new AudioContext();
    private readonly out = this.context.createMediaStreamDestination();
    private readonly inputs = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>();
    private readonly timer = setInterval(() => this.look(), LOOK_MS);

    constructor(private readonly media: RoomMedia) {
        void this.context.resume();
        this.look();
    }

    get track(): MediaStreamTrack | undefined {
        return this.out.stream.getAudioTracks()[0];
    }

    close(): void {
        clearInterval(this.timer);
        for (const node of this.inputs.values()) node.disconnect();
        void this.context.close();
    }

    private look(): void {
        const now = new Set(this.media.sounds());
        for (const [track, node] of this.inputs)
            if (!now.has(track)) {
                node.disconnect();
                this.inputs.delete(track);
            }
        for (const track of now) {
            if (this.inputs.has(track) || track.readyState !== 'live') continue;
            const node = this.context.createMediaStreamSource(new MediaStream([track]));
            node.connect(this.out);
            this.inputs.set(track, node);
        }
    }
}
