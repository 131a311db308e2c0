// On the page before joining: as whom you come, and the door to certificate and authorities.
import { BadgeCheck, IdCard } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { AccountLink } from '../account/link';
import { t } from '../i18n';
import { Button, ICON_S } from '../ui';
import { IdentityDialog } from './dialog';
import { algorithmOf, type IdentityState } from './state';
import { signsAlike } from './suites';
import type { CertifiedIdentity } from './types';

/** Who we shall be in a meeting of that suite (0: not known yet) by certificate; null: by the name typed. */
export function certifiedFor(state: IdentityState, suite: number): CertifiedIdentity | null {
    const own = state.own.value;
    return own && (suite === 0 || signsAlike(own.suite, suite)) ? own : null;
}

export function ComesAs({ own }: { own: CertifiedIdentity }) {
    return (
        <p class="with-icon">
            <BadgeCheck {...ICON_S} />
            <span>{t('identity.as', { name: own.name, issuer: own.issuer })}</span>
        </p>
    );
}

export function IdentityDoor({ state, suite }: { state: IdentityState; suite: number }) {
    const [open, setOpen] = useState(false);
    const own = state.own.value;
    useEffect(() => {
        // Back from the tab in which a certificate was got.
        const look = () => {
            if (document.visibilityState === 'visible') void state.read().catch(() => undefined);
        };
        document.addEventListener('visibilitychange', look);
        return () => document.removeEventListener('visibilitychange', look);
    }, []);
    const misfit = own && !certifiedFor(state, suite);
    return (
        <div class="stack-tight">
            {misfit && (
                <p class="soft small">
                    {t('identity.misfit', {
                        has: algorithmOf(own.suite),
                        wants: algorithmOf(suite),
                    })}
                </p>
            )}
            <div class="row identity-door">
                <AccountLink inNewTab />
                <Button kind="quiet" icon={IdCard} onClick={() => setOpen(true)}>
                    {t('identity.title')}
                </Button>
            </div>
            {open && <IdentityDialog state={state} onClose={() => setOpen(false)} />}
        </div>
    );
}
