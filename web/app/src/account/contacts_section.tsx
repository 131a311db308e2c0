// Whom this browser knows by a compared code. Kept here alone: the service knows nothing of it.
import { Trash2, UserRoundCheck } from 'lucide-preact';
import type { Core } from '../core/types';
import { t } from '../i18n';
import { IconButton } from '../ui';
import { useLoaded } from './loaded';
import { day, Part, Section } from './section';

export function ContactsSection({ core }: { core: Core }) {
    const all = useLoaded(() => core.do({ do: 'contacts' }));
    const forget = async (key_hash: string) => {
        await core.do({ do: 'contacts_remove', key_hash });
        await all.again();
    };
    return (
        <Section title={t('contacts.title')} text={t('contacts.text')} icon={UserRoundCheck}>
            <Part of={all}>
                {(list) =>
                    list.length ? (
                        <ul class="account-list">
                            {list.map((c) => (
                                <li key={c.key_hash} class="account-row">
                                    <span class="fill">
                                        <span class="account-row-name">{c.name}</span>
                                        <span class="soft small">
                                            {[c.address, t('contacts.since', { date: day(c.time) })]
                                                .filter(Boolean)
                                                .join(' · ')}
                                        </span>
                                    </span>
                                    <IconButton
                                        icon={Trash2}
                                        tip="none"
                                        label={t('contacts.forget', { name: c.name })}
                                        onClick={() => void forget(c.key_hash)}
                                    />
                                </li>
                            ))}
                        </ul>
                    ) : (
                        <p class="soft">{t('contacts.none')}</p>
                    )
                }
            </Part>
        </Section>
    );
}
