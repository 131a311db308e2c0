// One visit to one meeting: the core, what it tells (room), and the media. Features get it whole.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Core } from '../core/types';
import type { RoomMedia } from '../rtc/types';
import type { Room } from '../state/store';

export interface Session {
    readonly core: Core;
    readonly room: Room;
    readonly media: RoomMedia;
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
