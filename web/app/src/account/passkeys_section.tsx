import { KeyRound, Plus, Trash2 } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button, Dialog, IconButton, TextField, toast } from '../ui';
import { api } from './api';
import { Confirm } from './dialogs';
import { useFresh } from './fresh';
import { useLoaded } from './loaded';
import { addPasskey, canPasskeys } from './passkeys';
import { day, Part, Section } from './section';
import { useAttempt } from './signin';
import type { Passkey } from './types';

const NAME_MAX = 64;

function Add({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
    const [name, setName] = useState('');
    const fresh = useFresh();
    const { busy, error, setError, attempt } = useAttempt(onDone);
    const go = (e: Event) => {
        e.preventDefault();
        const bytes = new TextEncoder().encode(name.trim()).length;
        if (bytes === 0 || bytes > NAME_MAX) return setError(t('passkeys.name.error'));
        void attempt(() => fresh(() => addPasskey(name.trim())));
    };
    return (
        <Dialog title={t('passkeys.add')} onClose={onClose}>
            <form class="stack" onSubmit={go}>
                <TextField
                    label={t('passkeys.name')}
                    hint={t('passkeys.name.hint')}
                    value={name}
                    onText={setName}
                    autocomplete="off"
                    name="passkey-name"
                />
                <p class="soft small">{t('passkeys.add.text')}</p>
                <p role="alert" class="field-error">
                    {error}
                </p>
                <Button kind="primary" submit wide disabled={busy}>
                    {t('passkeys.add.go')}
                </Button>
            </form>
        </Dialog>
    );
}

function Row({ p, onRemove }: { p: Passkey; onRemove: () => void }) {
    return (
        <li class="account-row">
            <span class="fill">
                <span class="account-row-name">{p.name}</span>
                <span class="soft small">
                    {t('passkeys.since', { date: day(p.created) })} ·{' '}
                    {p.used ? t('passkeys.used', { date: day(p.used) }) : t('passkeys.unused')}
                </span>
            </span>
            <IconButton
                icon={Trash2}
                tip="none"
                label={t('passkeys.remove', { name: p.name })}
                onClick={onRemove}
            />
        </li>
    );
}

export function PasskeysSection() {
    const keys = useLoaded(async () => (await api.get<{ passkeys: Passkey[] }>('passkeys')).passkeys);
    const [adding, setAdding] = useState(false);
    const [removing, setRemoving] = useState<Passkey | null>(null);
    const fresh = useFresh();
    const remove = async (p: Passkey) => {
        await fresh(() => api.remove(`passkeys/${encodeURIComponent(p.id)}`));
        toast(t('passkeys.removed', { name: p.name }));
        await keys.again();
    };
    const added = () => {
        setAdding(false);
        toast(t('passkeys.added'));
        void keys.again();
    };
    return (
        <Section title={t('passkeys.title')} text={t('passkeys.text')} icon={KeyRound}>
            <Part of={keys}>
                {(list) =>
                    list.length ? (
                        <ul class="account-list">
                            {list.map((p) => (
                                <Row key={p.id} p={p} onRemove={() => setRemoving(p)} />
                            ))}
                        </ul>
                    ) : (
                        <p>{t('passkeys.none')}</p>
                    )
                }
            </Part>
            <div class="row">
                <Button
                    icon={Plus}
                    kind={keys.value?.length === 0 ? 'primary' : 'plain'}
                    disabled={!canPasskeys()}
                    onClick={() => setAdding(true)}
                >
                    {t('passkeys.add')}
                </Button>
            </div>
            {adding && <Add onDone={added} onClose={() => setAdding(false)} />}
            {removing && (
                <Confirm
                    title={t('passkeys.remove.title', { name: removing.name })}
                    yes={t('passkeys.remove.yes')}
                    onYes={() => remove(removing)}
                    onClose={() => setRemoving(null)}
                >
                    <p>{t(keys.value?.length === 1 ? 'passkeys.remove.last' : 'passkeys.remove.text')}</p>
                </Confirm>
            )}
        </Section>
    );
}
