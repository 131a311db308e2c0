// /signin: by passkey, provider, password, or an invitation (#invitation=..., which no server sees in an address).
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button } from '../ui';
import { Frame } from '../room/frame';
import { api, ApiError } from './api';
import { finishOidc, isOidcAnswer } from './oidc';
import { clientName, enter } from './session';
import { SignIn, useAttempt } from './signin';
import type { SignedIn } from './types';
import { errorWords } from './words';

const go = () => location.assign('/account');

function invitationIn(hash: string): string {
    return new URLSearchParams(hash.replace(/^#/, '')).get('invitation') ?? '';
}

/** Taken up by a press, not by whoever looks at links before people do. */
function Invitation({ token }: { token: string }) {
    const { busy, error, attempt } = useAttempt(go);
    const accept = async () => {
        const made = await api
            .post<SignedIn>('signin/invitation', { token, client: clientName() })
            .catch((e: unknown) => {
                // Used, run out, replaced or never made: the server does not say which.
                if (!(e instanceof ApiError) || e.status !== 401) throw e;
                throw new ApiError(e.status, 'invitation', e.message);
            });
        enter(made);
    };
    return (
        <div class="card stack">
            <h1>{t('signin.invitation.title')}</h1>
            <p class="soft">{t('signin.invitation.text', { host: location.host })}</p>
            <Button kind="primary" large wide disabled={busy} onClick={() => void attempt(accept)}>
                {t('signin.invitation.go')}
            </Button>
            <p role="alert" class="field-error">
                {error}
            </p>
        </div>
    );
}

/** Back from the provider. */
function Returned({ query }: { query: URLSearchParams }) {
    const [error, setError] = useState('');
    useEffect(() => {
        history.replaceState(null, '', '/signin'); // code and state are of no use to whoever reads the history
        finishOidc(query).then(
            (made) => {
                enter(made);
                go();
            },
            (e: unknown) => setError(errorWords(e)),
        );
    }, []);
    if (!error) return <p role="status">{t('signin.oidc.finishing')}</p>;
    return (
        <div class="card stack">
            <h1>{t('signin.failed')}</h1>
            <p role="alert">{error}</p>
            <Button kind="primary" wide onClick={() => location.assign('/signin')}>
                {t('signin.retry')}
            </Button>
        </div>
    );
}

export function SignInPage() {
    const [query] = useState(() => new URLSearchParams(location.search));
    const [token] = useState(() => invitationIn(location.hash));
    useEffect(() => {
        if (token) history.replaceState(null, '', '/signin'); // kept in no history, and seen over no shoulder
    }, [token]);
    let body = (
        <div class="card stack">
            <h1>{t('signin.title')}</h1>
            <SignIn onDone={go} />
        </div>
    );
    if (token) body = <Invitation token={token} />;
    else if (isOidcAnswer(query)) body = <Returned query={query} />;
    return (
        <Frame title={t('signin.title')}>
            {body}
            <p class="soft small signin-guest">{t('signin.guest')}</p>
        </Frame>
    );
}
