// Where we are signed in, and which of our devices carry a certificate; each can be ended.
import { LogIn, MonitorSmartphone } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { moment, t, tMaybe } from '../i18n';
import type { CertifiedIdentity } from '../identity/types';
import { Badge, Button, toast } from '../ui';
import { api } from './api';
import { Confirm } from './dialogs';
import { useFresh } from './fresh';
import { useLoaded, type Loaded } from './loaded';
import { day, Part, Section } from './section';
import type { Device, OpenSession } from './types';

export const methodWords = (method: string): string => tMaybe(`signin.by.${method}`) ?? method;

export function SessionsSection() {
    const all = useLoaded(async () => (await api.get<{ sessions: OpenSession[] }>('sessions')).sessions);
    const [ending, setEnding] = useState<OpenSession | null>(null);
    const end = async (s: OpenSession) => {
        await api.remove(`sessions/${encodeURIComponent(s.id)}`);
        toast(t('sessions.ended'));
        await all.again();
    };
    return (
        <Section title={t('sessions.title')} text={t('sessions.text')} icon={LogIn}>
            <Part of={all}>
                {(list) => (
                    <ul class="account-list">
                        {list.map((s) => (
                            <li key={s.id} class="account-row">
                                <span class="fill">
                                    <span class="account-row-name">
                                        {[s.client, methodWords(s.how)].filter(Boolean).join(', ')}{' '}
                                        {s.current && <Badge kind="outlined">{t('sessions.current')}</Badge>}
                                    </span>
                                    <span class="soft small">
                                        {t('sessions.since', { date: moment(s.created * 1000) })} ·{' '}
                                        {t('sessions.seen', { date: moment(s.seen * 1000) })}
                                    </span>
                                </span>
                                {!s.current && (
                                    <Button
                                        aria-label={t('sessions.end.name', { date: day(s.created) })}
                                        onClick={() => setEnding(s)}
                                    >
                                        {t('sessions.end')}
                                    </Button>
                                )}
                            </li>
                        ))}
                    </ul>
                )}
            </Part>
            {ending && (
                <Confirm
                    title={t('sessions.end.title')}
                    yes={t('sessions.end')}
                    onYes={() => end(ending)}
                    onClose={() => setEnding(null)}
                >
                    <p>{t('sessions.end.text')}</p>
                </Confirm>
            )}
        </Section>
    );
}

function DeviceRow({ d, here, onRevoke }: { d: Device; here: boolean; onRevoke: () => void }) {
    const over = d.revoked > 0 ? t('devices.revoked') : t('devices.since', { date: moment(d.created * 1000) });
    return (
        <li class="account-row">
            <span class="fill">
                <span class="account-row-name">
                    {d.label || t('devices.unnamed')}{' '}
                    {here && <Badge kind="outlined">{t('devices.here')}</Badge>}
                </span>
                <span class="soft small">{over}</span>
            </span>
            {!d.revoked && (
                <Button aria-label={t('devices.revoke.name', { name: d.label })} onClick={onRevoke}>
                    {t('devices.revoke')}
                </Button>
            )}
        </li>
    );
}

export function useDevices(): Loaded<Device[]> {
    return useLoaded(async () => (await api.get<{ devices: Device[] }>('devices')).devices);
}

export interface DevicesProps {
    all: Loaded<Device[]>;
    /** This browser's own certificate; null where it has none. */
    own: CertifiedIdentity | null;
}

export function DevicesSection({ all, own }: DevicesProps) {
    const [revoking, setRevoking] = useState<Device | null>(null);
    const fresh = useFresh();
    const revoke = async (d: Device) => {
        await fresh(() => api.remove(`devices/${encodeURIComponent(d.id)}`));
        toast(t('devices.revoked.done', { name: d.label }));
        await all.again();
    };
    return (
        <Section title={t('devices.title')} text={t('devices.text')} icon={MonitorSmartphone}>
            <Part of={all}>
                {(list) =>
                    list.length ? (
                        <ul class="account-list">
                            {list.map((d) => (
                                <DeviceRow
                                    key={d.id}
                                    d={d}
                                    here={d.thumbprint !== undefined && d.thumbprint === own?.enrolled?.thumbprint}
                                    onRevoke={() => setRevoking(d)}
                                />
                            ))}
                        </ul>
                    ) : (
                        <p class="soft">{t('devices.none')}</p>
                    )
                }
            </Part>
            {revoking && (
                <Confirm
                    title={t('devices.revoke.title', { name: revoking.label })}
                    yes={t('devices.revoke')}
                    onYes={() => revoke(revoking)}
                    onClose={() => setRevoking(null)}
                >
                    <p>{t('devices.revoke.text')}</p>
                </Confirm>
            )}
        </Section>
    );
}
