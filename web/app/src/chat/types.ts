// What people tell each other beside plain lines: events and commands as docs/events.md has them.
import type { Person } from '../core/types';

export interface Mark {
    /** An emoji. */
    sign: string;
    count: number;
    own: boolean;
    /** At most 20 of those who put it there. */
    names: string[];
}

export type VideoCodec = 'vp8' | 'vp9';

export type ChatEvent =
    | {
          /** A line that means somebody or answers; plain lines have none of the last four. */
          event: 'chat';
          seq: number;
          person: Person;
          text: string;
          reply?: number;
          /** Leaves. */
          mentions?: number[];
          everybody?: boolean;
          /** It means this device. */
          you?: boolean;
      }
    | { event: 'marks'; seq: number; person: Person; sign: string; put: boolean; marks: Mark[] }
    | { event: 'reaction'; person: Person; sign: string }
    | { event: 'hands'; people: Person[] }
    | {
          /** A host asks for quiet. */
          event: 'mute_asked';
          person: Person;
          everybody: boolean;
          leaf?: number;
          you: boolean;
      }
    | { event: 'records'; person: Person; on: boolean; present: boolean }
    | { event: 'frames'; opaque: boolean; codecs: VideoCodec[] };

export type ChatCommand =
    | {
          do: 'chat';
          text: string;
          reply?: number;
          mentions?: number[];
          everybody?: boolean;
      }
    | { do: 'mark'; seq: number; sign: string; put: boolean }
    | { do: 'react'; sign: string }
    | { do: 'hand'; up: boolean }
    | { do: 'record'; on: boolean }
    | { do: 'mute'; leaf: number }
    | { do: 'mute_all' }
    | {
          do: 'status';
          microphone: boolean;
          camera: boolean;
          sharing: boolean;
          opaque: boolean;
          codecs: VideoCodec[];
      };
