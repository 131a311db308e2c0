// The entries of the menu "more": hand, reactions, and quiet for everybody.
import { Hand, MicOff } from 'lucide-preact';
import { t } from '../i18n';
import { attempt } from '../room/actions';
import { registerControl, registerPersonAction } from '../room/registry';
import { useSession, type Session } from '../room/session';
import { MenuItem } from '../ui';
import { SIGNS } from './signs';
import { hands } from './state';

let session: Session | null = null;

/** Which room the entries act in. */
export function controlsFor(s: Session | null): void {
    session = s;
}

function handUp(): boolean {
    return hands.value.some((p) => p.self);
}

function Reactions() {
    const s = useSession();
    return (
        <div class="sign-row" role="group" aria-label={t('chat.react')}>
            {SIGNS.map(({ sign, name }) => (
                <MenuItem
                    key={sign}
                    looks="sign"
                    label={t(name)}
                    onClick={() => void attempt(s, { do: 'react', sign })}
                >
                    <span aria-hidden="true">{sign}</span>
                </MenuItem>
            ))}
        </div>
    );
}

export function registerControls(): void {
    registerControl({
        id: 'reactions',
        order: 5,
        label: () => t('chat.react'),
        icon: Hand,
        component: Reactions,
    });
    registerControl({
        id: 'hand',
        order: 10,
        label: () => t(handUp() ? 'chat.hand.down' : 'chat.hand.up'),
        icon: Hand,
        shortcut: 'H',
        pressed: handUp,
        onClick: () => session && void attempt(session, { do: 'hand', up: !handUp() }),
    });
    registerControl({
        id: 'mute-all',
        order: 90,
        label: () => t('chat.mute_all'),
        icon: MicOff,
        hostOnly: true,
        onClick: () => session && void attempt(session, { do: 'mute_all' }),
    });
    registerPersonAction({
        id: 'mute',
        order: 20,
        label: () => t('chat.mute'),
        icon: MicOff,
        visible: (p, s) => s.room.isHost.value && !p.self && (p.status?.microphone ?? true),
        onClick: (p, s) => void attempt(s, { do: 'mute', leaf: p.leaf }),
    });
}
