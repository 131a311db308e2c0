// What happened in this account, newest first: a takeover cannot be quiet.
import { History } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { moment, t, tMaybe } from '../i18n';
import { Button } from '../ui';
import { api } from './api';
import { useLoaded } from './loaded';
import { Part, Section } from './section';
import type { AuditEvent } from './types';
import { errorWords } from './words';

const PAGE = 20;

const ask = async (before = 0): Promise<AuditEvent[]> => {
    const from = before ? `&before=${before}` : '';
    return (await api.get<{ events: AuditEvent[] }>(`audit?limit=${PAGE}${from}`)).events;
};

/** The one or two facts of an event that say more than its name. */
function about(e: AuditEvent): string {
    const d = (typeof e.detail === 'object' ? e.detail : null) as Record<string, unknown> | null;
    const found = d?.['label'] ?? d?.['name'] ?? d?.['client'];
    return typeof found === 'string' ? found : '';
}

function Line({ e }: { e: AuditEvent }) {
    const words = tMaybe(`audit.${e.action}`) ?? e.action;
    const more = about(e);
    return (
        <li class="account-event">
            <time class="soft small" dateTime={new Date(e.time * 1000).toISOString()}>
                {moment(e.time * 1000)}
            </time>
            <span>{more ? `${words}: ${more}` : words}</span>
        </li>
    );
}

export function AuditSection() {
    const first = useLoaded(() => ask());
    const [older, setOlder] = useState<readonly AuditEvent[]>([]);
    const [more, setMore] = useState(true);
    const [error, setError] = useState('');
    const show = async (before: number) => {
        try {
            const next = await ask(before);
            setMore(next.length === PAGE);
            setOlder((o) => [...o, ...next]);
            setError('');
        } catch (e) {
            setError(errorWords(e));
        }
    };
    return (
        <Section title={t('audit.title')} text={t('audit.text')} icon={History}>
            <Part of={first}>
                {(newest) => {
                    const all = [...newest, ...older];
                    const last = all.at(-1)?.seq ?? 0;
                    return (
                        <>
                            <ol class="account-list">
                                {all.map((e) => (
                                    <Line key={e.seq} e={e} />
                                ))}
                            </ol>
                            {more && newest.length === PAGE && (
                                <div>
                                    <Button onClick={() => void show(last)}>{t('audit.older')}</Button>
                                </div>
                            )}
                        </>
                    );
                }}
            </Part>
            {error && (
                <p role="alert" class="field-error">
                    {error}
                </p>
            )}
        </Section>
    );
}
