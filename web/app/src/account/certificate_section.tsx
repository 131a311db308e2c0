// This browser's certificate: got by one button, renewed by itself, forgotten on demand.
import { BadgeCheck, RefreshCw, Trash2 } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { Core } from '../core/types';
import { date, t } from '../i18n';
import type { CertifiedIdentity, ToldTrust } from '../identity/types';
import type { IdentityState } from '../identity/state';
import { Badge, Button, toast } from '../ui';
import { api } from './api';
import { Confirm } from './dialogs';
import { useFresh } from './fresh';
import { Section } from './section';
import { clientName } from './session';
import { useAttempt } from './signin';
import type { Enrolment } from './types';

/** The key is made in the worker; the session never gets there, and the token holds for that key alone. */
async function enrol(core: Core): Promise<void> {
    const { thumbprint } = await core.do({ do: 'enrol_key' });
    const device = t('certificate.here.label', { browser: clientName() });
    const { token, directory, email } = await api.post<Enrolment>('enrolments', { thumbprint, device });
    const trust = await api.get<ToldTrust>('trust');
    await core.do({ do: 'enrol', token, directory, email, trust });
}

function About({ own }: { own: CertifiedIdentity }) {
    const over = own.not_after * 1000 < Date.now();
    const words = { name: own.name, issuer: own.issuer, until: date(own.not_after * 1000) };
    return (
        <div class="stack-tight">
            <div>
                <Badge kind={over ? 'warn' : 'outlined'} icon={BadgeCheck}>
                    {over ? t('certificate.here.over') : t('people.verified', { name: own.issuer })}
                </Badge>
            </div>
            <p>{t(over ? 'certificate.here.expired' : 'identity.own.is', words)}</p>
            {own.enrolled && !over && (
                <p class="soft small">
                    {t('certificate.here.renews', { date: date(own.enrolled.renew_at * 1000) })}
                </p>
            )}
        </div>
    );
}

export interface CertificateSectionProps {
    core: Core;
    state: IdentityState;
    onChange: () => void;
}

export function CertificateSection({ core, state, onChange }: CertificateSectionProps) {
    const [forgetting, setForgetting] = useState(false);
    const fresh = useFresh();
    const [changed, setChanged] = useState<'' | 'told' | 'asked'>('');
    const own = state.own.value;
    const again = useAttempt(() => {
        void state.read();
        onChange();
    });
    const due = (own?.enrolled?.renew_at ?? Infinity) * 1000 < Date.now();
    useEffect(() => {
        if (due) void core.do({ do: 'renew' }).then(state.read, (e: unknown) => console.warn('renewal', e));
    }, [due]);
    const get = () =>
        again.attempt(async () => {
            setChanged('');
            await fresh(() => enrol(core)).catch((e: unknown) => {
                if (e instanceof Error && 'code' in e && e.code === 'trust-changed') setChanged('told');
                throw e;
            });
            toast(t('certificate.here.done'));
        });
    const renew = () =>
        again.attempt(async () => {
            await core.do({ do: 'renew' });
            toast(t('certificate.here.renewed'));
        });
    return (
        <Section title={t('certificate.here')} text={t('certificate.here.text')} icon={BadgeCheck}>
            {own ? <About own={own} /> : <p>{t('certificate.here.none')}</p>}
            <p role="alert" class="field-error">
                {again.error}
            </p>
            <div class="row">
                {!own?.enrolled && (
                    <Button kind="primary" disabled={again.busy} onClick={() => void get()}>
                        {t(again.busy ? 'certificate.here.getting' : 'certificate.here.get')}
                    </Button>
                )}
                {own?.enrolled && (
                    <Button icon={RefreshCw} disabled={again.busy} onClick={() => void renew()}>
                        {t('certificate.here.renew')}
                    </Button>
                )}
                {changed && (
                    <Button kind="quiet" icon={Trash2} onClick={() => setChanged('asked')}>
                        {t('certificate.here.trust')}
                    </Button>
                )}
                {own && (
                    <Button kind="quiet" icon={Trash2} onClick={() => setForgetting(true)}>
                        {t('identity.own.forget')}
                    </Button>
                )}
            </div>
            {changed === 'asked' && (
                <Confirm
                    title={t('certificate.here.trust.title')}
                    yes={t('identity.own.forget')}
                    onYes={async () => {
                        await core.do({ do: 'trust_forget' });
                        again.setError('');
                        await state.read();
                        setChanged('');
                    }}
                    onClose={() => setChanged((now) => now && 'told')}
                >
                    <p>{t('certificate.here.trust.text')}</p>
                </Confirm>
            )}
            {forgetting && (
                <Confirm
                    title={t('certificate.here.forget.title')}
                    yes={t('identity.own.forget')}
                    onYes={() => state.forget()}
                    onClose={() => setForgetting(false)}
                >
                    <p>{t('certificate.here.forget.text')}</p>
                </Confirm>
            )}
        </Section>
    );
}
