// The board on the wire between page and worker: events as docs/events.md has them, commands of the page.
import type { Person } from '../core/events';

export type ElementType =
    | 'pen'
    | 'line'
    | 'rect'
    | 'ellipse'
    | 'arrow'
    | 'text'
    | 'note'
    | 'image';

/** Lengths are in board units: an eighth of a pixel at the size of nature (docs/protocol/board.md). */
export interface BoardElement {
    /** Author and number, hexadecimal; '' for what is new. */
    id: string;
    /** Who wrote it last: the first 16 digits of their key_hash. */
    by: string;
    type: ElementType;
    colour: number;
    fill: number;
    width: number;
    z: number;
    x: number;
    y: number;
    w: number;
    h: number;
    /** pen: x0, y0, x1, y1, ... */
    points?: number[];
    text?: string;
    /** base64url */
    image?: string;
    image_type?: string;
}

interface BoardState {
    seq: number;
    synced: boolean;
    undo: boolean;
    redo: boolean;
    elements: number;
}

export type BoardEvent =
    | ({
          event: 'board';
          person: Person;
          cleared: boolean;
          put: BoardElement[];
          gone: string[];
      } & BoardState)
    | ({ event: 'board_whole'; person: Person; put: BoardElement[] } & BoardState)
    | ({ event: 'board_sync' } & BoardState)
    | { event: 'board_refused'; person: Person; rule: string };

export type BoardCommand =
    | {
          /** The body of an op (codec.ts). */
          do: 'board_do';
          op: Uint8Array;
      }
    | { do: 'board_clear' }
    | { do: 'board_undo' }
    | { do: 'board_redo' }
    | { do: 'board_svg' };

export interface BoardResults {
    board_svg: { svg: string };
}
