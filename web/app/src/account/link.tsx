// The way to the account from other pages.
import { CircleUserRound } from 'lucide-preact';
import { t } from '../i18n';
import { ICON_S } from '../ui';
import { sessionToken } from './session';

/** inNewTab: where this page holds what must not be left, the link of a meeting. */
export function AccountLink({ inNewTab = false }: { inNewTab?: boolean }) {
    const known = sessionToken.value !== null;
    const more = inNewTab ? { target: '_blank', rel: 'noopener' } : {};
    return (
        <a class="button button-quiet" href={known ? '/account' : '/signin'} {...more}>
            <CircleUserRound {...ICON_S} />
            {t(known ? 'account.title' : 'signin.door')}
        </a>
    );
}
