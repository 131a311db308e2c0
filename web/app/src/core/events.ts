// Events of the core: names and fields are those of docs/events.md, the same C code writes them for
// `incamera join --json`. Features add their own in <feature>/types.ts and list them in types.ts.

export type Identity = 'external' | 'internal' | 'unverified';

export interface Person {
    leaf: number;
    name: string;
    identity: Identity;
    host: boolean;
    self: boolean;
    web: boolean;
    away: boolean;
    /** SHA-256 of the signature key, hexadecimal: stays the same when the person comes back. */
    key_hash: string;
    /** Who vouches for the name, as their certificate calls them; only where somebody does. */
    vouched_by?: string;
    /** An X.509 chain came with the leaf, whoever vouches for it. */
    certificate?: boolean;
    /** Why nobody is shown to vouch, as the core names it; '' where somebody does. */
    reason?: string;
    /** Against those whom this browser remembers: the key is theirs, or it is another one. */
    pinned?: '' | 'match' | 'changed';
    /** The certificate's first address: true only where somebody vouches. */
    address?: string;
}

export type ShieldState =
    | 'connecting'
    | 'waiting_host'
    | 'in_lobby'
    | 'e2ee'
    | 'e2ee_compare'
    | 'server_only'
    | 'updating'
    | 'reconnecting'
    | 'cut_off'
    | 'over';

/** What the room is about: who is here, and whether anybody else can hear. */
export type MeetingEvent =
    | {
          event: 'connection';
          up: boolean;
          why: string;
          /** It is tried again in so many milliseconds. */
          retry_ms?: number;
      }
    | { event: 'state'; state: ShieldState; words: string; epoch: number }
    | { event: 'waiting'; short_code: string }
    | { event: 'refused'; why: string; text?: string }
    | { event: 'knock'; knock: number; person: Person; short_code: string; barred: boolean; lacks?: string }
    | { event: 'knock_gone'; knock: number; why: 'left' | 'admitted' | 'refused' }
    | {
          event: 'code';
          epoch: number;
          code: string;
          devices: number;
          /** Who made this epoch. */
          committer?: Person;
      }
    | { event: 'joined'; epoch: number; person: Person; present: boolean }
    | { event: 'left'; epoch: number; person: Person; why: string }
    | { event: 'away'; person: Person; away: boolean }
    | { event: 'sent'; line: number }
    | {
          event: 'terms';
          epoch: number;
          rule: string;
          text: string;
          suite?: number;
          locked?: boolean;
          /** The viewer's name is drawn over others' pictures. */
          watermark?: boolean;
          /** Participants may record. */
          recording?: boolean;
          /** The leaves that are host now. */
          hosts?: number[];
      }
    | { event: 'clock'; offset_ms: number }
    | { event: 'alert'; rule: string; person: Person; text: string }
    | { event: 'ended'; why: string; text: string }
    | { event: 'not_done'; command: string; why: string };

export type MediaKind = 'audio' | 'video' | 'screen';

export interface MediaSlot {
    /** 1 audio, 2 video, 3 screen. */
    kind: number;
    ssrc: number;
    /** The server's number of a sender's stream; 0: nothing now. */
    source: number;
}

export interface MediaSource {
    source: number;
    kind: number;
    context: number;
    leaf: number;
}

/** What the forwarder says (hints), and what decrypting shows (the truth). */
export type MediaEvent =
    | {
          event: 'media_opened';
          ufrag: string;
          pwd: string;
          /** SHA-256 of the forwarder's DTLS certificate, hexadecimal. */
          fingerprint: string;
          addresses: { host: string; port: number }[];
          slots: MediaSlot[];
      }
    | { event: 'media_sources'; count: number; page: number; pages: number; sources: MediaSource[] }
    | { event: 'media_slots'; slots: MediaSlot[] }
    | {
          /** Who speaks: the server's hint. source 0: nobody has spoken yet. */
          event: 'media_speaker';
          source: number;
          leaf: number;
      }
    | { event: 'media_gate'; open: boolean }
    | {
          event: 'hearing';
          leaf: number;
          name: string;
          stream: MediaKind;
          /** Where it arrives: the transceiver's mid, as the receiving transform was told. */
          mid?: string;
      }
    | {
          event: 'trouble';
          why: string;
          /** An error's name: unknown_key, auth, malformed, ... */
          cause?: string;
          /** Who, where that is known: -1 otherwise. A hint until a frame authenticates. */
          leaf: number;
          name: string;
          mid?: string;
      }
    | {
          /** Somebody else's frames come through this mid now; told by decrypted frames alone. */
          event: 'tile';
          mid: string;
          leaf: number;
          name: string;
          stream: MediaKind;
      };

/** Of the browser alone: the core itself. */
export type CoreStateEvent = { event: 'core_failed'; why: string };
