// One visit to one meeting: the core, what it tells (room), and the media. Features get it whole.
import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Core } from '../core/types';
import type { RoomMedia } from '../rtc/types';
import type { Room } from '../state/store';
import type { Certificate } from './certificate_types';

export interface Session {
    readonly core: Core;
    readonly room: Room;
    readonly media: RoomMedia;
    /** The MLS cipher suite's number; 0: not known yet. */
    readonly suite: ReadonlySignal<number>;
    /** The certificate of a leaf; null: it has none. */
    readonly certificate: (leaf: number) => Promise<Certificate | null>;
    /** The whole link with its fragment: for "copy link". */
    readonly link: string;
}

const Context = createContext<Session | null>(null);
export const SessionProvider = Context.Provider;

/** Inside the room only. */
export function useSession(): Session {
    const s = useContext(Context);
    if (!s) throw new Error('useSession outside of a room');
    return s;
}
