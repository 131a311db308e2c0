// The numbers of the media wire that SDP would negotiate elsewhere: fixed here and in the forwarder
// (docs/protocol/media.md).

export const PAYLOAD = { opus: 111, vp8: 96, vp9: 98 } as const;
export type Codec = keyof typeof PAYLOAD;

export const EXTENSION = { audioLevel: 1, dependencyDescriptor: 3, mid: 4, rid: 5 } as const;
export const EXTENSION_URI: Record<keyof typeof EXTENSION, string> = {
    audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    dependencyDescriptor:
        'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
    mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
    rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
};

/** m-lines that we send in; what we receive in are a0, a1, ... and v0, v1, ... */
export const MID = { audio: 'a', camera: 'v', svc: 'w', screen: 's' } as const;
export const AUDIO_SLOTS = 4;
export const VIDEO_SLOTS = 12;

/** SFrame contexts: each layer of a simulcast picture has its own counter and replay window. */
export const CONTEXT = { audio: 0, camera: 1, screen: 2, cameraMiddle: 3, cameraHigh: 4 } as const;

/** Kinds as the server numbers them. */
export const KIND = { audio: 1, video: 2, screen: 3 } as const;
export const CODEC = { opus: 1, vp8: 2, vp9: 3 } as const;
