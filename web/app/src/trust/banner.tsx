/* The server was slow to say that it offers a changed program; the page had begun with the kept one. */
import { ShieldAlert } from 'lucide-preact';
import { t } from '../i18n';
import { Banner } from '../ui';

export function RefusedBanner() {
    return <Banner kind="warn" icon={ShieldAlert} text={t('trust.refused.banner')} />;
}
