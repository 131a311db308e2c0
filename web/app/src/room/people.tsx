// The side panel's list of people: who is here, who vouches for them, with which devices.
import { BadgeInfo, CircleDot, Crown, Ellipsis, Hand, MicOff, UserMinus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { t, tn } from '../i18n';
import type { Member, PersonRow } from '../state/model';
import { Badge, Button, Dialog, ICON_S, IconButton, Menu, MenuItem } from '../ui';
import { attempt } from './actions';
import { Avatar } from './avatar';
import { IdentityBadge } from './identity';
import { Lobby } from './lobby';
import { registered } from './registry';
import { useSession } from './session';
import { certificateOf } from './view';

function Signs({ m }: { m: Member }) {
    const s = m.status;
    return (
        <span class="person-signs">
            {s && s.hand > 0 && (
                <span role="img" aria-label={t('people.hand')}>
                    <Hand {...ICON_S} />
                </span>
            )}
            {s?.recording && (
                <span role="img" class="danger" aria-label={t('people.recording')}>
                    <CircleDot {...ICON_S} />
                </span>
            )}
            {s && !s.microphone && (
                <span role="img" aria-label={t('people.muted')}>
                    <MicOff {...ICON_S} />
                </span>
            )}
        </span>
    );
}

function facts(m: Member): string {
    const all: string[] = [];
    if (m.self) all.push(t('people.you'));
    if (m.host) all.push(t('people.host'));
    if (m.web) all.push(t('people.web', { origin: location.host }));
    if (m.away) all.push(t('people.away'));
    return all.join(' · ');
}

function Actions({ m, onRemove }: { m: Member; onRemove: () => void }) {
    const session = useSession();
    const host = session.room.isHost.value && !m.self;
    const extras = registered.personActions.value.filter((a) => a.visible(m, session));
    return (
        <Menu
            label={t('people.actions', { name: m.name })}
            place="below"
            trigger={(p) => (
                <IconButton
                    {...p}
                    icon={Ellipsis}
                    label={t('people.actions', { name: m.name })}
                    tip="none"
                />
            )}
        >
            <MenuItem icon={BadgeInfo} onClick={() => (certificateOf.value = m.leaf)}>
                {t('people.certificate')}
            </MenuItem>
            {extras.map((a) => (
                <MenuItem
                    key={a.id}
                    icon={a.icon}
                    danger={a.danger ?? false}
                    onClick={() => a.onClick(m, session)}
                >
                    {a.label(m)}
                </MenuItem>
            ))}
            {host && !m.host && (
                <MenuItem
                    icon={Crown}
                    onClick={() => void attempt(session, { do: 'host', leaf: m.leaf })}
                >
                    {t('people.makehost')}
                </MenuItem>
            )}
            {host && (
                <MenuItem icon={UserMinus} danger onClick={onRemove}>
                    {t('people.remove')}
                </MenuItem>
            )}
        </Menu>
    );
}

function Device({ m, onRemove }: { m: Member; onRemove: (m: Member) => void }) {
    return (
        <div class="person-line">
            <button
                type="button"
                class="person-open"
                onClick={() => (certificateOf.value = m.leaf)}
            >
                <Avatar name={m.name} seed={m.key_hash} />
                <span class="person-words">
                    <span class="person-name">{m.name}</span>
                    <IdentityBadge person={m} />
                    <span class="soft small" title={m.web ? t('trust.webclient') : ''}>
                        {facts(m)}
                    </span>
                </span>
            </button>
            <Signs m={m} />
            <Actions m={m} onRemove={() => onRemove(m)} />
        </div>
    );
}

function Row({ row, onRemove }: { row: PersonRow; onRemove: (m: Member) => void }) {
    const [first, ...others] = row.devices;
    if (!first) return null;
    if (others.length === 0)
        return (
            <li class="person">
                <Device m={first} onRemove={onRemove} />
            </li>
        );
    return (
        <li class="person">
            <details class="person-devices" open={row.devices.some((d) => d.self)}>
                <summary>
                    <span class="person-name">{first.name}</span>{' '}
                    <Badge kind="plain">{tn('people.devices', row.devices.length)}</Badge>
                </summary>
                {row.devices.map((d) => (
                    <Device key={d.leaf} m={d} onRemove={onRemove} />
                ))}
            </details>
        </li>
    );
}

function Remove({ m, onClose }: { m: Member; onClose: () => void }) {
    const session = useSession();
    const remove = () => {
        void attempt(session, { do: 'remove', leaf: m.leaf });
        onClose();
    };
    return (
        <Dialog
            title={t('people.remove.title', { name: m.name })}
            onClose={onClose}
            foot={
                <>
                    <Button kind="quiet" onClick={onClose}>
                        {t('ui.cancel')}
                    </Button>
                    <Button kind="danger" onClick={remove}>
                        {t('people.remove.yes')}
                    </Button>
                </>
            }
        >
            <p>{t('people.remove.text', { name: m.name })}</p>
        </Dialog>
    );
}

export function People() {
    const { room } = useSession();
    const [removing, setRemoving] = useState<Member | null>(null);
    return (
        <div class="panel-scroll stack">
            <Lobby />
            <ul class="people" aria-label={t('people.title')}>
                {room.rows.value.map((r) => (
                    <Row key={r.key} row={r} onRemove={setRemoving} />
                ))}
            </ul>
            {removing && <Remove m={removing} onClose={() => setRemoving(null)} />}
        </div>
    );
}
