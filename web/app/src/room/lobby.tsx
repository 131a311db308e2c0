// Who knocks, for hosts: quiet cards at the side. No sound, no dialog, nothing over a face that speaks.
import { t, tn } from '../i18n';
import type { Knock } from '../state/model';
import { Badge, Button, cx } from '../ui';
import { attempt } from './actions';
import { IdentityBadge } from './identity';
import { useSession } from './session';
import { openPanel } from './view';

function Card({ k, flat }: { k: Knock; flat?: boolean }) {
    const session = useSession();
    const { name } = k.person;
    return (
        <li class={cx('knock', flat && 'knock-flat')} data-knock={k.knock}>
            <div class="knock-who">
                <strong>{name}</strong>
                <IdentityBadge person={k.person} />
                {k.person.web && !flat && <Badge kind="plain">{t('people.web.short')}</Badge>}
            </div>
            <p class="small">
                <span class="soft">{t('lobby.code')}</span> <span class="mono">{k.short_code}</span>
            </p>
            {k.barred && <p class="small warn">{t('lobby.barred')}</p>}
            {k.lacks && <p class="small warn">{t('lobby.lacks')}</p>}
            <div class="knock-do">
                <Button
                    kind="primary"
                    disabled={k.lacks !== ''}
                    aria-label={t('lobby.admit.name', { name })}
                    onClick={() => void attempt(session, { do: 'admit', knock: k.knock })}
                >
                    {t('lobby.admit')}
                </Button>
                <Button
                    aria-label={t('lobby.refuse.name', { name })}
                    onClick={() => void attempt(session, { do: 'refuse', knock: k.knock })}
                >
                    {t('lobby.refuse')}
                </Button>
            </div>
        </li>
    );
}

/** On a wide screen the one who waits longest stands in the header: beside the faces, not over them. */
export function LobbyLine() {
    const { room } = useSession();
    const [first, ...others] = room.knocks.value;
    if (!room.isHost.value || !first) return null;
    return (
        <div class="lobby-line" role="group" aria-label={tn('lobby.title', others.length + 1)}>
            <ul>
                <Card k={first} flat />
            </ul>
            {others.length > 0 && (
                <Button kind="quiet" onClick={() => openPanel('people')}>
                    {tn('lobby.more', others.length)}
                </Button>
            )}
        </div>
    );
}

export function Lobby({ most }: { most?: number }) {
    const session = useSession();
    const { room } = session;
    const all = room.knocks.value;
    if (!room.isHost.value || all.length === 0) return null;
    const verified = all.filter((k) => k.person.identity !== 'unverified' && !k.barred && !k.lacks);
    const admitAll = () => {
        for (const k of verified) void attempt(session, { do: 'admit', knock: k.knock });
    };
    const shown = all.slice(0, most ?? all.length);
    return (
        <section class="lobby" aria-label={tn('lobby.title', all.length)}>
            <div class="lobby-head">
                <h2>{tn('lobby.title', all.length)}</h2>
                {all.length > shown.length && (
                    <Button kind="quiet" onClick={() => openPanel('people')}>
                        {t('people.title')}
                    </Button>
                )}
            </div>
            {room.locked.value && <p class="small warn">{t('lobby.locked')}</p>}
            <ul class="stack-tight">
                {shown.map((k) => (
                    <Card key={k.knock} k={k} />
                ))}
            </ul>
            {verified.length > 0 && (
                <Button wide onClick={admitAll}>
                    {tn('lobby.admitall', verified.length)}
                </Button>
            )}
        </section>
    );
}
