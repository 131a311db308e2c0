// The ways in: a passkey first, then what the organisation allows for an e-mail address.
import { KeyRound, LogIn } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button, TextField } from '../ui';
import { api } from './api';
import { beginOidc } from './oidc';
import { canPasskeys, signInByPasskey } from './passkeys';
import { clientName, enter, knownHere } from './session';
import type { Methods, SignedIn } from './types';
import { errorWords } from './words';

export interface SignInProps {
    /** Known already: who has to sign in again. */
    email?: string;
    onDone: () => void;
}

/** One attempt at a time, and what became of it. */
export function useAttempt(onDone: () => void) {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState('');
    const attempt = async (how: () => Promise<void>) => {
        setBusy(true);
        setError('');
        try {
            await how();
            onDone();
        } catch (e) {
            setError(errorWords(e));
        }
        setBusy(false);
    };
    return { busy, error, setError, attempt };
}

function ByPassword({ email, busy, onTry }: { email: string; busy: boolean; onTry: (password: string) => void }) {
    const [password, setPassword] = useState('');
    const go = (e: Event) => {
        e.preventDefault();
        if (password) onTry(password);
    };
    return (
        <form class="stack" onSubmit={go}>
            <input type="text" name="username" autocomplete="username" value={email} readOnly hidden />
            <TextField
                label={t('signin.password')}
                type="password"
                name="password"
                autocomplete="current-password"
                value={password}
                onText={setPassword}
                autofocus
            />
            <Button submit wide disabled={busy}>
                {t('signin.password.go')}
            </Button>
        </form>
    );
}

export function SignIn({ email: known = '', onDone }: SignInProps) {
    const [email, setEmail] = useState(known);
    const [methods, setMethods] = useState<Methods | null>(null);
    const { busy, error, setError, attempt } = useAttempt(onDone);
    const look = async (e: Event) => {
        e.preventDefault();
        if (!/^[^@\s]+@[^@\s]+$/.test(email.trim())) return setError(t('signin.email.error'));
        setError('');
        try {
            setMethods(await api.get<Methods>(`methods?email=${encodeURIComponent(email.trim())}`));
        } catch (why) {
            setError(errorWords(why));
        }
    };
    const can = (m: Methods['methods'][number]) => methods?.methods.includes(m) ?? false;
    const byPassword = (password: string) =>
        attempt(async () => {
            const known = knownHere();
            const body = { email: email.trim(), password, client: clientName() };
            enter(await api.post<SignedIn>('signin/password', known ? { ...body, known } : body));
        });
    const byPasskey = () => attempt(async () => enter(await signInByPasskey()));
    const providers = methods?.providers ?? [];
    return (
        <div class="stack">
            <div class="stack-tight">
                <Button
                    kind="primary"
                    large
                    wide
                    icon={KeyRound}
                    disabled={busy || !canPasskeys()}
                    onClick={() => void byPasskey()}
                >
                    {t('signin.passkey')}
                </Button>
                <p class="soft small">{t(canPasskeys() ? 'signin.passkey.hint' : 'signin.passkey.none')}</p>
            </div>
            <p class="or">
                <span>{t('signin.or')}</span>
            </p>
            {!methods && (
                <form class="stack" onSubmit={(e) => void look(e)} noValidate>
                    <TextField
                        label={t('signin.email')}
                        hint={t('signin.email.hint')}
                        type="email"
                        name="email"
                        autocomplete="username"
                        value={email}
                        onText={setEmail}
                    />
                    <Button submit wide disabled={busy}>
                        {t('signin.email.go')}
                    </Button>
                </form>
            )}
            {methods && (
                <div class="stack">
                    <p class="row signin-as">
                        <strong class="fill">{email.trim()}</strong>
                        <Button kind="quiet" onClick={() => setMethods(null)}>
                            {t('signin.email.other')}
                        </Button>
                    </p>
                    {providers.map((p) => (
                        <Button
                            key={p.id}
                            wide
                            icon={LogIn}
                            disabled={busy}
                            onClick={() => void attempt(() => beginOidc(p.id).then(forever))}
                        >
                            {t('signin.oidc.at', { name: p.name })}
                        </Button>
                    ))}
                    {can('password') && (
                        <ByPassword email={email.trim()} busy={busy} onTry={(p) => void byPassword(p)} />
                    )}
                    {providers.length === 0 && !can('password') && <p class="soft">{t('signin.passkey.only')}</p>}
                </div>
            )}
            <p role="alert" class="field-error">
                {error}
            </p>
        </div>
    );
}

/** The page is being left: nothing comes after. */
const forever = () => new Promise<void>(() => undefined);
