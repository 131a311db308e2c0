// Every certificate ever issued for us, out of the log that nobody can thin out unseen. One that no device of ours
// asked for is said aloud: whoever made it could appear as us.
import { ScrollText, TriangleAlert } from 'lucide-preact';
import type { Core } from '../core/types';
import { moment, t, tn } from '../i18n';
import type { Audited, AuditReport } from '../identity/types';
import { Badge, Banner, Button } from '../ui';
import { useLoaded } from './loaded';
import { day, Part, Section } from './section';

function Row({ e, onMine }: { e: Audited; onMine: () => void }) {
    return (
        <li class="account-row">
            <span class="fill">
                <span class="account-row-name">
                    {t('issued.at', { date: moment(e.time * 1000) })}{' '}
                    {e.known === 'here' && <Badge kind="outlined">{t('issued.here')}</Badge>}
                    {e.known === 'said' && <Badge kind="plain">{t('issued.said')}</Badge>}
                    {e.known === 'unknown' && <Badge kind="warn">{t('issued.unknown')}</Badge>}
                </span>
                <span class="soft small mono">{e.certificate.slice(0, 32)}…</span>
            </span>
            {e.known === 'unknown' && <Button onClick={onMine}>{t('issued.mine')}</Button>}
        </li>
    );
}

function Report({ report, onMine }: { report: AuditReport; onMine: (e: Audited) => void }) {
    const unknown = report.entries.filter((e) => e.known === 'unknown');
    return (
        <div class="stack">
            {report.fault && (
                <Banner kind="danger" icon={TriangleAlert} text={t(`issued.fault.${report.fault}`)} />
            )}
            {!report.fault && unknown.length > 0 && (
                <Banner kind="danger" icon={TriangleAlert} text={tn('issued.alarm', unknown.length)} />
            )}
            {unknown.length > 0 && <p>{t('issued.alarm.do')}</p>}
            {!report.fault && unknown.length === 0 && (
                <p>{t(report.entries.length ? 'issued.good' : 'issued.none')}</p>
            )}
            <ul class="account-list">
                {report.entries.map((e) => (
                    <Row key={e.index} e={e} onMine={() => onMine(e)} />
                ))}
            </ul>
            {!report.fault && (
                <p class="soft small">{tn('issued.checked', report.size, { date: day(report.time) })}</p>
            )}
        </div>
    );
}

export interface LogSectionProps {
    core: Core;
    email: string;
    token: string;
}

export function LogSection({ core, email, token }: LogSectionProps) {
    const found = useLoaded(() => core.do({ do: 'log_audit', email, token }));
    const mine = async (e: Audited) => {
        await core.do({ do: 'log_mine', certificate: e.certificate });
        await found.again();
    };
    return (
        <Section title={t('issued.title')} text={t('issued.text')} icon={ScrollText}>
            <Part of={found}>
                {(report) => <Report report={report} onMine={(e) => void mine(e)} />}
            </Part>
        </Section>
    );
}
