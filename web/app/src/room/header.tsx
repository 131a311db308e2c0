// Above the room: the shield, always top left; layout and people at the right.
import { GalleryThumbnails, LayoutGrid, RectangleHorizontal, Users } from 'lucide-preact';
import { t, tn } from '../i18n';
import { layout, type Layout } from '../state/prefs';
import { IconButton, Menu, MenuItem, type Icon } from '../ui';
import { LobbyLine } from './lobby';
import { useSession } from './session';
import { ShieldButton } from './shield';
import { panel, togglePanel } from './view';

const LAYOUTS: readonly { id: Layout; icon: Icon }[] = [
    { id: 'grid', icon: LayoutGrid },
    { id: 'stage', icon: GalleryThumbnails },
    { id: 'screen', icon: RectangleHorizontal },
];

export function Header() {
    const { room } = useSession();
    const now = LAYOUTS.find((l) => l.id === layout.value) ?? LAYOUTS[0];
    const count = room.people.value.length;
    const waiting = room.isHost.value ? room.knocks.value.length : 0;
    const people = tn('people.count', count);
    return (
        <header class="room-head">
            <ShieldButton />
            {panel.value !== 'people' && <LobbyLine />}
            <div class="room-head-end">
                <Menu
                    label={t('room.layout')}
                    place="below"
                    trigger={(p) => (
                        <IconButton
                            {...p}
                            icon={now?.icon ?? LayoutGrid}
                            label={t('room.layout')}
                            tip="below-end"
                        />
                    )}
                >
                    {LAYOUTS.map((l) => (
                        <MenuItem
                            key={l.id}
                            icon={l.icon}
                            radio
                            checked={layout.value === l.id}
                            onClick={() => (layout.value = l.id)}
                        >
                            {t(`room.layout.${l.id}`)}
                        </MenuItem>
                    ))}
                </Menu>
                <button
                    type="button"
                    class="people-button"
                    aria-pressed={panel.value === 'people'}
                    aria-label={waiting ? `${people}, ${tn('lobby.title', waiting)}` : people}
                    aria-keyshortcuts="P"
                    onClick={() => togglePanel('people')}
                >
                    <Users size={20} strokeWidth={1.75} aria-hidden="true" />
                    <span aria-hidden="true">{count}</span>
                    {waiting > 0 && <span class="people-waiting" aria-hidden="true" />}
                </button>
            </div>
        </header>
    );
}
