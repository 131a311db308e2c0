// The two questions that the account asks: "really?", and "who are you?" once more before what must not be done with
// a session that somebody found open.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button, Dialog } from '../ui';
import { SignIn } from './signin';
import { errorWords } from './words';

export interface ConfirmProps {
    title: string;
    yes: string;
    children: ComponentChildren;
    onYes: () => Promise<void>;
    onClose: () => void;
}

/** Stays open with the reason where it did not work. */
export function Confirm({ title, yes, children, onYes, onClose }: ConfirmProps) {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState('');
    const go = () => {
        setBusy(true);
        onYes().then(onClose, (e: unknown) => {
            setError(errorWords(e));
            setBusy(false);
        });
    };
    return (
        <Dialog
            title={title}
            onClose={onClose}
            foot={
                <>
                    <Button kind="quiet" onClick={onClose}>
                        {t('ui.cancel')}
                    </Button>
                    <Button kind="danger" disabled={busy} onClick={go}>
                        {yes}
                    </Button>
                </>
            }
        >
            <div class="stack-tight">
                {children}
                <p role="alert" class="field-error">
                    {error}
                </p>
            </div>
        </Dialog>
    );
}

export function SignInAgain({ email, onDone, onClose }: { email: string; onDone: () => void; onClose: () => void }) {
    return (
        <Dialog title={t('account.again.title')} onClose={onClose}>
            <div class="stack">
                <p class="soft">{t('account.again.text')}</p>
                <SignIn email={email} onDone={onDone} />
            </div>
        </Dialog>
    );
}
