/* In the shield's panel: which program this is, who signed it, and what that cannot stop. */
import { useEffect, useState } from 'preact/hooks';
import { date, t } from '../i18n';
import { Badge } from '../ui';
import { bundleInfo, type BundleInfo } from './bundle';

function standing(info: BundleInfo): string {
    if (info.verdict?.kind === 'updated') return t('trust.updated');
    if (info.local) return t('trust.local');
    return info.pin ? t('trust.pinned', { date: date(info.pin.since) }) : t('trust.first');
}

/** Sixteen groups of four: to be compared by eye. */
function grouped(hash: string): string {
    return hash.replace(/(.{4})(?=.)/g, '$1 ');
}

export function TrustSection() {
    const [info, setInfo] = useState<BundleInfo | null>(null);
    useEffect(() => {
        let here = true;
        bundleInfo().then(
            (found) => here && setInfo(found),
            () => undefined, // a page without a manifest: of a developer's server
        );
        return () => {
            here = false;
        };
    }, []);
    if (!info) return null;
    return (
        <section class="trust" aria-labelledby="trust-title">
            <h3 id="trust-title">{t('trust.title')}</h3>
            <p>{standing(info)}</p>
            <p>
                <Badge kind={info.by === 'release' ? 'outlined' : 'warn'}>
                    {t(`trust.by.${info.by}`, { version: info.version })}
                </Badge>
            </p>
            <p class="trust-label">{t('trust.hash')}</p>
            <p class="trust-hash">{grouped(info.hash)}</p>
            <p class="trust-soft">{t('trust.hash.hint')}</p>
            <p class="trust-soft">{t('trust.limits')}</p>
        </section>
    );
}
