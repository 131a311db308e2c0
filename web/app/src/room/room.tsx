// The room itself: shield above, people or a stage in the middle, controls below, panels at the side.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { layout } from '../state/prefs';
import { cx } from '../ui';
import { attempt } from './actions';
import { Banners } from './banners';
import { Controls } from './controls';
import { Dialogs } from './dialogs';
import { Header } from './header';
import { followKeys } from './keys';
import { Lobby } from './lobby';
import { followNotes } from './notes';
import { registered } from './registry';
import { useSession } from './session';
import { shieldWords } from './shield_words';
import { SidePanel } from './side';
import { Stage, useStagedLeaf, useStageViews } from './stage';
import { Grid, Strip } from './tiles';
import { closeAll, dialog, panel } from './view';

/** When something comes onto the stage, the grid gives way to it, and comes back afterwards. */
function useStageFirst(active: boolean) {
    const before = useRef<'grid' | null>(null);
    useEffect(() => {
        if (active && layout.peek() === 'grid') {
            before.current = 'grid';
            layout.value = 'stage';
        } else if (!active && before.current) {
            if (layout.peek() === 'stage') layout.value = before.current;
            before.current = null;
        }
    }, [active]);
}

function Middle() {
    const views = useStageViews();
    const leaf = useStagedLeaf();
    useStageFirst(views.length > 0);
    const which = layout.value;
    if (which === 'grid') return <Grid />;
    const strip = which === 'stage';
    return (
        <div class={cx('staged', !strip && 'staged-alone')}>
            <Stage views={views} onlyScreen={!strip} />
            {strip && <Strip staged={views.length ? null : leaf} />}
        </div>
    );
}

export interface RoomPageProps {
    onLeave: () => void;
}

export function RoomPage({ onLeave }: RoomPageProps) {
    const session = useSession();
    const { room } = session;
    useEffect(() => {
        const ends = [followKeys(session), followNotes(room), closeAll];
        return () => ends.forEach((end) => end());
    }, [session]);
    const m = room.model.value;
    useEffect(() => {
        document.title = `${shieldWords(m.state, m)} · ${t('app.name')}`;
    });
    const leave = () => {
        const others = room.people.peek().length > 1;
        if (room.isHost.peek() && others) dialog.value = 'leave';
        else onLeave();
    };
    return (
        <div class={cx('room', panel.value && 'room-sided')}>
            <Header />
            <main class="room-main">
                <h1 class="only-heard">{t('room.meeting')}</h1>
                <Banners />
                <div class="room-middle">
                    <Middle />
                    {panel.value !== 'people' && (
                        <div class="lobby-float">
                            <Lobby most={2} />
                        </div>
                    )}
                    {registered.overlays.value
                        .filter((o) => o.place === 'room')
                        .map((o) => (
                            <o.component key={o.id} leaf={-1} name="" self={false} />
                        ))}
                </div>
                <div class="captions" role="region" aria-label={t('room.captions')} />
            </main>
            <Controls onLeave={leave} />
            <SidePanel />
            <Dialogs
                onLeave={onLeave}
                onEnd={() => void attempt(session, { do: 'end' }).then((ok) => ok && (dialog.value = null))}
            />
        </div>
    );
}
