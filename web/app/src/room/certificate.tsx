// Who is this? In plain words first (who, by whom, until when), all fields after.
import { useEffect, useState } from 'preact/hooks';
import { date, t } from '../i18n';
import type { Member } from '../state/model';
import { cx, Dialog } from '../ui';
import { IdentityBadge } from './identity';
import { useSession } from './session';
import type { Certificate } from './certificate_types';
import { certificateOf } from './view';

/** "CN=Ben Okafor,O=Example" -> "Ben Okafor": what people call themselves. */
export function plainName(name: string): string {
    return /(?:^|,\s*)CN=((?:\\.|[^,\\])+)/.exec(name)?.[1]?.replace(/\\(.)/g, '$1') ?? name;
}

/** One sentence that says whether the name can be trusted, and on whose word. */
export function certificateWords(p: Member, c: Certificate | null): string {
    if (!c || c.state === 'none') return t('certificate.unverified', { name: p.name });
    const until = date(c.not_after * 1000);
    const issuer = c.vouched_by || plainName(c.issuer);
    const subject = plainName(c.subject);
    if (c.state === 'verified') return t('certificate.verified', { issuer, subject, until });
    if (c.state === 'stranger') return t('certificate.stranger', { issuer: plainName(c.issuer), subject });
    if (c.state === 'expired') return t('certificate.expired', { subject, until });
    if (c.state === 'revoked') return t('certificate.revoked', { subject });
    if (c.state !== 'invalid')
        return t(`certificate.${c.state}`, { issuer: plainName(c.issuer), subject });
    return t('certificate.invalid', { reason: c.reason });
}

function Fields({ c }: { c: Certificate }) {
    const names = c.names.map((n) => `${n.value} (${n.kind})`).join(', ');
    return (
        <dl class="facts">
            <dt>{t('certificate.subject')}</dt>
            <dd>{c.subject}</dd>
            {names && <dt>{t('certificate.names')}</dt>}
            {names && <dd>{names}</dd>}
            <dt>{t('certificate.issuer')}</dt>
            <dd>{c.issuer}</dd>
            <dt>{t('certificate.from')}</dt>
            <dd>{date(c.not_before * 1000)}</dd>
            <dt>{t('certificate.until')}</dt>
            <dd>{date(c.not_after * 1000)}</dd>
            <dt>{t('certificate.serial')}</dt>
            <dd class="mono">{c.serial}</dd>
            <dt>{t('certificate.key')}</dt>
            <dd>{c.key}</dd>
            <dt>{t('certificate.fingerprint')}</dt>
            <dd class="mono">{c.fingerprint}</dd>
            {c.chain.length > 0 && <dt>{t('certificate.chain')}</dt>}
            {c.chain.length > 0 && (
                <dd>
                    <ol class="stack-tight">
                        {c.chain.map((link) => (
                            <li key={link.fingerprint}>
                                {link.subject}
                                <br />
                                <span class="soft small">
                                    {t('certificate.until')} {date(link.not_after * 1000)}
                                </span>
                            </li>
                        ))}
                    </ol>
                </dd>
            )}
        </dl>
    );
}

export function CertificateView({ member, certificate }: { member: Member; certificate: Certificate | null }) {
    const c = certificate && certificate.state !== 'none' ? certificate : null;
    return (
        <div class="stack">
            <div>
                <IdentityBadge person={member} />
            </div>
            <p>{certificateWords(member, certificate)}</p>
            {member.pinned && (
                <p class={cx(member.pinned === 'changed' && 'warn')}>
                    {t(member.pinned === 'match' ? 'certificate.pinned' : 'certificate.changed', {
                        name: member.name,
                    })}
                </p>
            )}
            {member.web && <p class="soft">{t('certificate.web', { origin: location.origin })}</p>}
            <details class="details">
                <summary>{t('certificate.fields')}</summary>
                {c && <Fields c={c} />}
                <dl class="facts">
                    <dt>{t('certificate.keyhash')}</dt>
                    <dd class="mono">{member.key_hash}</dd>
                </dl>
            </details>
        </div>
    );
}

export function CertificateDialog() {
    const { room, certificate } = useSession();
    const leaf = certificateOf.value;
    const member = room.people.value.find((p) => p.leaf === leaf);
    const [found, setFound] = useState<Certificate | null>(null);
    useEffect(() => {
        let wanted = true;
        if (leaf !== null && member?.certificate)
            void certificate(leaf).then((c) => {
                if (wanted) setFound(c);
            });
        return () => {
            wanted = false;
            setFound(null);
        };
    }, [leaf, member?.key_hash]);
    if (!member) return null;
    return (
        <Dialog
            title={t('certificate.title', { name: member.name })}
            onClose={() => (certificateOf.value = null)}
        >
            <CertificateView member={member} certificate={found} />
        </Dialog>
    );
}
