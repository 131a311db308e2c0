// Annotation over shared pictures and remote control, between page and worker.
import type { Person } from '../core/events';

export type ControlReason =
    | 'refused'
    | 'stopped'
    | 'released'
    | 'not-sharing'
    | 'browser'
    | 'session'
    | 'left'
    | 'superseded';

export type ControlEvent =
    | {
          event: 'annotation';
          person: Person;
          /** Whose picture: the first 16 digits of their key_hash. */
          target: string;
          number: number;
          colour: number;
          width: number;
          keep: boolean;
          /** x0, y0, ... 0 to 65535 across the picture. */
          points: number[];
      }
    | { event: 'annotation_gone'; person: Person; target: string; number: number }
    | { event: 'annotation_cleared'; person: Person; target: string; all: boolean }
    | { event: 'annotation_switched'; person: Person; target: string; on: boolean }
    | { event: 'annotation_refused'; person: Person; rule: string }
    | { event: 'control_request'; grantee: Person; sharer: Person }
    | {
          event: 'control_granted';
          grantee: Person;
          sharer: Person;
          pointer: boolean;
          keys: boolean;
      }
    | { event: 'control_refused'; grantee: Person; sharer: Person; why: ControlReason }
    | { event: 'control_ended'; grantee: Person; sharer: Person; why: ControlReason }
    | { event: 'control_input'; grantee: Person; sharer: Person; count: number }
    | { event: 'control_bad'; grantee: Person; rule: string };

export type ControlCommand =
    | { do: 'annotate'; body: Uint8Array }
    | { do: 'control_request'; leaf: number }
    | { do: 'control_stop' }
    | { do: 'control_revoke'; leaf: number }
    | { do: 'control_input'; body: Uint8Array };
