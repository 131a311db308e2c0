// Commands to the core: those of docs/events.md, and what only a page needs. Features add their own in
// <feature>/types.ts and list them in types.ts.
import type { MediaSource } from './events';

export interface JoinCommand {
    do: 'join';
    /** The whole link with its fragment, as in the address bar. The fragment stays in this browser. */
    link: string;
    /** At most 64 bytes of UTF-8. */
    name: string;
    /** Which of this browser's keys this tab had before; the core sees to it by itself. */
    slot?: number;
}

export type MeetingCommand =
    | JoinCommand
    | { do: 'admit'; knock: number }
    | { do: 'refuse'; knock: number }
    | { do: 'remove'; leaf: number }
    | { do: 'host'; leaf: number }
    | { do: 'lock'; on: boolean }
    | { do: 'compared' }
    | { do: 'update' }
    | { do: 'leave' }
    | { do: 'end' }
    | { do: 'say'; kind: number; body: Uint8Array; transient?: boolean }
    | LookCommand;

/** Before joining: what the server tells of a meeting. Terms are bound to the link, the rest are hints. */
export interface LookCommand {
    do: 'look';
    link: string;
}

export interface Look {
    title: string;
    /** Digits to join by, or ''. */
    number: string;
    /** 1 instant, 2 scheduled, 3 personal. */
    kind: number;
    /** A host has opened the room. */
    open: boolean;
    over: boolean;
    start_s: number;
    end_s: number;
    /** This server forwards media. */
    media: boolean;
    /** The link binds the terms; without, the security code has to be compared. */
    pinned: boolean;
    suite: number;
    /** This browser's core has the suite. */
    served: boolean;
    locked: boolean;
    watermark: boolean;
    recording: boolean;
    /** How many devices may be host. */
    hosts: number;
}

export interface PublishedStream {
    /** 1 audio, 2 video, 3 screen. */
    kind: number;
    /** 1 Opus, 2 VP8, 3 VP9. */
    codec: number;
    mid: string;
    /** Simulcast: the lowest picture first. Each layer is an SFrame context of its own. */
    layers: { rid: string; ssrc: number; height: number; context: number }[];
}

export type MediaCommand =
    | {
          /** Asks for a transport; the answer is the event media_opened. */
          do: 'media_open';
          ufrag: string;
          pwd: string;
          /** SHA-256 of our DTLS certificate, hexadecimal. */
          fingerprint: string;
          sources: (Omit<MediaSource, 'source' | 'leaf'> & { ssrc: number })[];
          audio_slots: number;
          video_slots: number;
      }
    | {
          /** What we send from now on, all of it; after each media_open anew. */
          do: 'media_publish';
          streams: PublishedStream[];
      }
    | {
          /** Per video slot: whose picture, and how high at most. Slots that are not listed pause. */
          do: 'media_select';
          slots: { source: number; height: number }[];
      }
    | {
          /** Whether our pictures carry the clear bytes that old depacketizers want. */
          do: 'clear_bytes';
          on: boolean;
      };

/** What a command answers besides `ok`. Commands that are not named here answer nothing. */
export interface MeetingResults {
    /** kept: the key outlives this tab; slot: which of this browser's keys it is. */
    join: { suite: number; key_hash: string; kept: boolean; slot: number };
    look: Look;
    /** What the event `sent` will carry; 0 for what is transient. */
    say: { number: number };
}
