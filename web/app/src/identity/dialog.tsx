// Certificate and authorities: who you are by somebody else's word, and whose word you take.
import { Trash2 } from 'lucide-preact';
import { date, t } from '../i18n';
import { Badge, Button, Dialog, IconButton } from '../ui';
import { FileButton } from './file_button';
import type { IdentityState } from './state';
import type { Authority } from './types';

const PEM = '.pem,.crt,.cer,application/x-pem-file,application/x-x509-ca-cert';

function Own({ state }: { state: IdentityState }) {
    const own = state.own.value;
    return (
        <section class="stack">
            <h3>{t('identity.own')}</h3>
            {own ? (
                <>
                    <p>
                        {t('identity.own.is', {
                            name: own.name,
                            issuer: own.issuer,
                            until: date(own.not_after * 1000),
                        })}
                    </p>
                    <div class="row">
                        <FileButton
                            label={t('identity.own.replace')}
                            accept={PEM}
                            onFile={(f) => void state.importFile(f)}
                        />
                        <Button kind="quiet" icon={Trash2} onClick={() => void state.forget()}>
                            {t('identity.own.forget')}
                        </Button>
                    </div>
                </>
            ) : (
                <>
                    <p class="soft">{t('identity.own.none')}</p>
                    <div class="row">
                        <FileButton
                            label={t('identity.own.import')}
                            accept={PEM}
                            onFile={(f) => void state.importFile(f)}
                        />
                    </div>
                </>
            )}
            <p class="soft small">{t('identity.own.where')}</p>
        </section>
    );
}

function Root({ root, state }: { root: Authority; state: IdentityState }) {
    return (
        <li class="row identity-root">
            <span>
                {root.name} <span class="soft small">{t('identity.until', { until: date(root.not_after * 1000) })}</span>
            </span>
            <Badge kind={root.kind === 'external' ? 'filled' : 'outlined'}>
                {t(`identity.kind.${root.kind}`)}
            </Badge>
            <IconButton
                icon={Trash2}
                tip="none"
                label={t('identity.root.remove', { name: root.name })}
                onClick={() => void state.removeRoot(root.fingerprint)}
            />
        </li>
    );
}

function Roots({ state }: { state: IdentityState }) {
    const roots = state.roots.value;
    return (
        <section class="stack">
            <h3>{t('identity.roots')}</h3>
            <p class="soft">{roots.length ? t('identity.roots.what') : t('identity.roots.none')}</p>
            {roots.length > 0 && (
                <ul class="identity-roots">
                    {roots.map((r) => (
                        <Root key={r.fingerprint} root={r} state={state} />
                    ))}
                </ul>
            )}
            <div class="row">
                <FileButton
                    label={t('identity.root.external')}
                    accept={PEM}
                    onFile={(f) => void state.addRoot('external', f)}
                />
                <FileButton
                    label={t('identity.root.internal')}
                    accept={PEM}
                    onFile={(f) => void state.addRoot('internal', f)}
                />
            </div>
        </section>
    );
}

export function IdentityDialog({ state, onClose }: { state: IdentityState; onClose: () => void }) {
    return (
        <Dialog title={t('identity.title')} onClose={onClose}>
            <div class="stack">
                <Own state={state} />
                <Roots state={state} />
                <p role="alert" class="field-error">
                    {state.error.value}
                </p>
            </div>
        </Dialog>
    );
}
