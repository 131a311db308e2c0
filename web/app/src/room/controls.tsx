// The bar at the bottom, always in this order: microphone, camera, share, chat, more, leave.
import { Ellipsis, Keyboard, Link, Lock, LockOpen, LogOut, Settings } from 'lucide-preact';
import { MonitorUp, MonitorX, Smartphone } from 'lucide-preact';
import { t } from '../i18n';
import { cx, IconButton, Menu, MenuItem, MenuLine } from '../ui';
import { attempt, toggleShare } from './actions';
import { copyText } from './details';
import { registered, type ControlEntry } from './registry';
import { useSession } from './session';
import { SourceButton } from './source_button';
import { dialog, panel, togglePanel } from './view';

function Share() {
    const session = useSession();
    const s = session.media.screen.value;
    const on = s.state === 'on';
    if (!('getDisplayMedia' in (navigator.mediaDevices ?? {})))
        return (
            <IconButton
                icon={Smartphone}
                looks="control"
                label={t('room.share.cannot')}
                aria-disabled="true"
                data-control="share"
            />
        );
    return (
        <IconButton
            icon={on ? MonitorX : MonitorUp}
            looks={cx('control', on && 'control-active')}
            label={t(on ? 'room.share.on' : 'room.share.off')}
            shortcut="S"
            aria-busy={s.state === 'starting'}
            data-control="share"
            onClick={() => void toggleShare(session)}
        />
    );
}

function Chat() {
    const entry = registered.panels.value.find((p) => p.id === 'chat');
    if (!entry) return null;
    const open = panel.value === 'chat';
    return (
        <IconButton
            icon={entry.icon}
            looks={cx('control', open && 'control-active')}
            label={t(entry.label)}
            shortcut="C"
            aria-pressed={open}
            count={open ? 0 : (entry.count?.() ?? 0)}
            data-control="chat"
            onClick={() => togglePanel('chat')}
        />
    );
}

function Extra({ entry }: { entry: ControlEntry }) {
    if (entry.component) return <entry.component />;
    return (
        <MenuItem
            icon={entry.icon}
            {...(entry.shortcut ? { shortcut: entry.shortcut } : {})}
            {...(entry.pressed ? { checked: entry.pressed() } : {})}
            onClick={() => entry.onClick?.()}
        >
            {entry.label()}
        </MenuItem>
    );
}

function More() {
    const session = useSession();
    const { room } = session;
    const host = room.isHost.value;
    const locked = room.locked.value;
    const all = registered.controls.value.filter((c) => c.visible?.() ?? true);
    const hostOnes = all.filter((c) => c.hostOnly);
    return (
        <Menu
            label={t('room.more')}
            trigger={(p) => (
                <IconButton
                    {...p}
                    icon={Ellipsis}
                    looks="control"
                    label={t('room.more')}
                    data-control="more"
                />
            )}
        >
            {all
                .filter((c) => !c.hostOnly)
                .map((c) => (
                    <Extra key={c.id} entry={c} />
                ))}
            {all.length > hostOnes.length && <MenuLine />}
            {host && (
                <>
                    <MenuItem
                        icon={locked ? LockOpen : Lock}
                        onClick={() => void attempt(session, { do: 'lock', on: !locked })}
                    >
                        {t(locked ? 'room.unlock' : 'room.lock')}
                    </MenuItem>
                    {hostOnes.map((c) => (
                        <Extra key={c.id} entry={c} />
                    ))}
                    <MenuLine />
                </>
            )}
            <MenuItem
                icon={Link}
                onClick={() => void copyText(session.link, t('room.link.copied'))}
            >
                {t('room.link.copy')}
            </MenuItem>
            <MenuItem icon={Settings} onClick={() => (dialog.value = 'settings')}>
                {t('room.settings')}
            </MenuItem>
            <MenuItem icon={Keyboard} shortcut="?" onClick={() => (dialog.value = 'help')}>
                {t('room.help')}
            </MenuItem>
        </Menu>
    );
}

export function Controls({ onLeave }: { onLeave: () => void }) {
    const { media } = useSession();
    return (
        <footer class="controls">
            <div class="controls-bar" role="toolbar" aria-label={t('room.controls')}>
                <SourceButton media={media} kind="microphone" />
                <SourceButton media={media} kind="camera" />
                <Share />
                <Chat />
                <More />
                <IconButton
                    icon={LogOut}
                    looks="control control-leave"
                    label={t('room.leave')}
                    tip="above-end"
                    data-control="leave"
                    onClick={onLeave}
                />
            </div>
        </footer>
    );
}
