// One address, one meeting: before joining, waiting, in the room, afterwards.
import { signal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Core } from '../core/types';
import { certificateOf } from '../identity/shown';
import { identityState } from '../identity/state';
import type { RoomMedia } from '../rtc/types';
import { EMPTY } from '../state/model';
import { createRoom, follow } from '../state/store';
import { toast } from '../ui';
import { t } from '../i18n';
import { Dialogs } from './dialogs';
import { lookAt, type Looked } from './looked';
import { Ended, NotFound } from './pages/ended';
import { Prejoin } from './pages/prejoin';
import { Waiting } from './pages/waiting';
import { startFeatures } from './registry';
import { RoomPage } from './room';
import { SessionProvider, type Session } from './session';
import { followTones } from './tone';

/** What the page is made with: the core's and the media's factories. Tests give others. */
export interface Makers {
    core: () => Core;
    media: () => RoomMedia;
}

interface Open extends Session {
    end: () => void;
}

function open(core: Core, media: RoomMedia, link: string, name: string): Open {
    const room = createRoom();
    const suite: Signal<number> = signal(0);
    const session: Session = {
        core,
        room,
        media,
        suite,
        link,
        certificate: (leaf) => certificateOf(core, leaf),
    };
    const ends = [follow(room, core), followTones(room), startFeatures(session)];
    media.start(core);
    core.do({ do: 'join', link, name }).then(
        (made) => {
            suite.value = made.suite;
        },
        (e: unknown) => {
            const why = e instanceof Error ? e.message : String(e);
            const code = e instanceof Error && 'code' in e ? String(e.code).replace('_', '-') : why;
            room.apply({ event: 'ended', why: code, text: why });
        },
    );
    return { ...session, end: () => ends.reverse().forEach((f) => f()) };
}

export interface MeetingProps {
    makers: Makers;
    link: string;
    refText: string;
    byNumber: boolean;
}

/** After "leave" the server has this long to hear of it. */
const LEAVE_MS = 2000;

export function Meeting({ makers, link, refText, byNumber }: MeetingProps) {
    const media = useMemo(() => makers.media(), []);
    const core = useMemo(() => makers.core(), []);
    const identity = useMemo(() => identityState(core), []);
    const [looked, setLooked] = useState<Looked | null>(null);
    const [session, setSession] = useState<Open | null>(null);
    const [failed, setFailed] = useState('');
    const left = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    useEffect(() => {
        void lookAt(core, link).then(setLooked);
        const unheard = core.on('core_failed', (e) => setFailed(e.why));
        return () => {
            unheard();
            media.close();
            core.close();
        };
    }, []);
    useEffect(() => () => session?.end(), [session]);
    const phase = session?.room.phase.value;
    useEffect(() => {
        if (phase !== 'over') return;
        clearTimeout(left.current);
        media.close();
        core.close();
    }, [phase]);
    if (!session && failed)
        return <Ended model={{ ...EMPTY, failed }} onAgain={() => location.reload()} />;
    if (!session) {
        if (looked && !looked.found) return <NotFound />;
        const join = (name: string) => setSession(open(core, media, link, name));
        const shown = { identity, media, refText, byNumber, looked };
        return <Prejoin {...shown} onJoin={join} />;
    }
    const leave = () => {
        const over = () => session.room.apply({ event: 'ended', why: 'left', text: '' });
        left.current = setTimeout(over, LEAVE_MS);
        session.core.do({ do: 'leave' }).catch((e: unknown) => {
            toast(t('toast.failed', { why: String(e) }));
            over();
        });
    };
    const m = session.room.model.value;
    if (m.phase === 'over' || m.failed)
        return <Ended model={m} onAgain={() => location.reload()} />;
    return (
        <SessionProvider value={session}>
            {m.phase === 'room' ? (
                <RoomPage onLeave={leave} />
            ) : (
                <>
                    <Waiting onLeave={leave} />
                    <Dialogs onLeave={leave} onEnd={leave} />
                </>
            )}
        </SessionProvider>
    );
}
