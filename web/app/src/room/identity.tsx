// Who vouches for somebody: filled, outlined or plain, and always in words.
import {
    BadgeCheck,
    BadgeInfo,
    ShieldQuestionMark,
    TriangleAlert,
    UserRoundCheck,
} from 'lucide-preact';
import { t, tMaybe } from '../i18n';
import type { Person } from '../core/types';
import { Badge, ICON_S } from '../ui';

export function identityWords(p: Person): string {
    if (p.identity === 'unverified')
        return tMaybe(`people.reason.${p.reason ?? ''}`) ?? t('people.unverified');
    if (p.vouched_by) return t('people.verified', { name: p.vouched_by });
    return t(`people.verified.${p.identity}`);
}

const KINDS = { external: 'filled', internal: 'outlined', unverified: 'plain' } as const;
const ICONS = { external: BadgeCheck, internal: BadgeInfo, unverified: ShieldQuestionMark };

/** Something is wrong with a certificate that is there: more than that nobody vouches. */
const isWrong = (p: Person) =>
    p.identity === 'unverified' && tMaybe(`people.reason.${p.reason ?? ''}`) !== undefined;

export function IdentityBadge({ person }: { person: Person }) {
    return (
        <span class="identity-badges">
            <Badge kind={isWrong(person) ? 'warn' : KINDS[person.identity]} icon={ICONS[person.identity]}>
                {identityWords(person)}
            </Badge>
            {person.pinned === 'match' && (
                <Badge kind="outlined" icon={UserRoundCheck}>
                    {t('people.pinned')}
                </Badge>
            )}
            {person.pinned === 'changed' && (
                <Badge kind="warn" icon={TriangleAlert}>
                    {t('people.changed')}
                </Badge>
            )}
        </span>
    );
}

/** The sign alone, where a name stands beside it: on tiles. */
export function IdentityIcon({ person }: { person: Person }) {
    const changed = person.pinned === 'changed';
    const I = changed ? TriangleAlert : ICONS[person.identity];
    return (
        <span class={`identity-icon identity-${changed ? 'changed' : person.identity}`}>
            <I {...ICON_S} size={14} />
            <span class="only-heard">{changed ? t('people.changed') : identityWords(person)}</span>
        </span>
    );
}
