import { Asterisk } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button, TextField, toast } from '../ui';
import { api } from './api';
import { useFresh } from './fresh';
import { Section } from './section';
import { useAttempt } from './signin';

const LEAST = 12;

export function PasswordSection({ has }: { has: boolean }) {
    const [next, setNext] = useState('');
    const fresh = useFresh();
    const { busy, error, setError, attempt } = useAttempt(() => {
        setNext('');
        toast(t('password.done'));
    });
    const go = (e: Event) => {
        e.preventDefault();
        if (next.length < LEAST) return setError(t('password.short', { n: LEAST }));
        void attempt(() => fresh(() => api.post('password', { new: next })).then(() => undefined));
    };
    return (
        <Section title={t('password.title')} text={t('password.text')} icon={Asterisk}>
            <form class="stack" onSubmit={go}>
                <TextField
                    label={t('password.new')}
                    hint={t('password.hint', { n: LEAST })}
                    type="password"
                    autocomplete="new-password"
                    value={next}
                    onText={setNext}
                />
                <p role="alert" class="field-error">
                    {error}
                </p>
                <div class="row">
                    <Button submit disabled={busy}>
                        {t(has ? 'password.change' : 'password.set')}
                    </Button>
                </div>
            </form>
        </Section>
    );
}
