// /account: who you are here, and everything that can act in your name, to be looked at and ended.
import { LogOut } from 'lucide-preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Core } from '../core/types';
import { t } from '../i18n';
import { identityState } from '../identity/state';
import { Frame } from '../room/frame';
import { Button } from '../ui';
import { api } from './api';
import { AuditSection } from './audit_section';
import { CertificateSection } from './certificate_section';
import { ContactsSection } from './contacts_section';
import { FreshProvider } from './fresh';
import { useLoaded } from './loaded';
import { LogSection } from './log_section';
import { PasskeysSection } from './passkeys_section';
import { PasswordSection } from './password_section';
import { Part } from './section';
import { keepSession, sessionToken } from './session';
import { DevicesSection, SessionsSection, useDevices } from './sessions_section';
import type { Me } from './types';

async function signOut(): Promise<void> {
    await api.post('signout').catch(() => undefined); // offline: the tab forgets it all the same
    keepSession(null);
}

function Head({ me }: { me: Me }) {
    return (
        <div class="account-me">
            <div class="fill">
                <h1>{me.name}</h1>
                <p class="soft">
                    {me.email} · {me.organisation}
                </p>
            </div>
            <Button icon={LogOut} onClick={() => void signOut()}>
                {t('account.signout')}
            </Button>
        </div>
    );
}

function Body({ me, core }: { me: Me; core: Core }) {
    const state = useMemo(() => identityState(core), []);
    const devices = useDevices();
    const own = state.own.value;
    return (
        <FreshProvider email={me.email}>
            <div class="stack account">
                <Head me={me} />
                <CertificateSection core={core} state={state} onChange={() => void devices.again()} />
                <DevicesSection all={devices} own={own} />
                <LogSection key={own?.fingerprint ?? ''} core={core} email={me.email} token={sessionToken.peek() ?? ''} />
                <PasskeysSection />
                {me.methods.includes('password') && <PasswordSection has={me.password} />}
                <ContactsSection core={core} />
                <SessionsSection />
                <AuditSection />
            </div>
        </FreshProvider>
    );
}

function SignedIn({ core }: { core: Core }) {
    const me = useLoaded(() => api.get<Me>('me'));
    return <Part of={me}>{(who) => <Body me={who} core={core} />}</Part>;
}

export function AccountPage({ makeCore }: { makeCore: () => Core }) {
    const core = useMemo(makeCore, []);
    const token = sessionToken.value;
    useEffect(() => () => core.close(), []);
    useEffect(() => {
        if (token === null) location.replace('/signin');
    }, [token === null]);
    return (
        <Frame title={t('account.title')} wide>
            {token !== null && <SignedIn core={core} />}
        </Frame>
    );
}
