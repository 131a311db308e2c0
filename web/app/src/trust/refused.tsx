/* In place of everything else: the server offers another program than the one that this browser goes by. This very
 * page is of the kept program. */
import { useState } from 'preact/hooks';
import { ShieldAlert } from 'lucide-preact';
import { date, t } from '../i18n';
import { Button } from '../ui';
import type { Pin, Refusal } from './state';

export interface RefusedProps {
    why: Refusal;
    offered: string;
    pin: Pin;
    onGo: () => void;
}

function details({ why, offered, pin }: RefusedProps): string {
    return [
        `refused: ${why}`,
        `kept: ${pin.hash}, version ${pin.version}, since ${new Date(pin.since).toISOString()}`,
        `key: ${pin.key}, ${pin.by}`,
        `offered: ${offered || '-'}`,
        `origin: ${location.origin}`,
    ].join('\n');
}

export function Refused(props: RefusedProps) {
    const { why, offered, pin, onGo } = props;
    const [copied, setCopied] = useState(false);
    const guard = why === 'worker';
    const copy = () => void navigator.clipboard.writeText(details(props)).then(() => setCopied(true));
    return (
        <main class="refused">
            <ShieldAlert class="refused-sign" size={40} strokeWidth={1.5} aria-hidden="true" />
            <h1>{t('trust.refused.title')}</h1>
            <p>{t(`trust.refused.${why}`)}</p>
            {!guard && <p>{t('trust.refused.safe')}</p>}
            <p>{t(guard ? 'trust.refused.worker.do' : 'trust.refused.do')}</p>
            <dl class="refused-facts">
                <dt>{t('trust.refused.kept', { date: date(pin.since) })}</dt>
                <dd>{pin.hash}</dd>
                <dt>{t('trust.refused.offered')}</dt>
                <dd>{offered || t('trust.refused.nothing')}</dd>
            </dl>
            <div class="refused-actions">
                <Button kind={guard ? 'plain' : 'primary'} onClick={onGo}>
                    {t(guard ? 'trust.refused.anyway' : 'trust.refused.go')}
                </Button>
                <Button kind="quiet" onClick={copy}>
                    {t(copied ? 'trust.refused.copied' : 'trust.refused.copy')}
                </Button>
            </div>
        </main>
    );
}
