// Who vouches for somebody: filled, outlined or plain, and always in words.
import { BadgeCheck, BadgeInfo, ShieldQuestionMark } from 'lucide-preact';
import { t } from '../i18n';
import type { Person } from '../core/types';
import { Badge, ICON_S } from '../ui';

export function identityWords(p: Person): string {
    if (p.identity === 'unverified') return t('people.unverified');
    if (p.vouched_by) return t('people.verified', { name: p.vouched_by });
    return t(`people.verified.${p.identity}`);
}

const KINDS = { external: 'filled', internal: 'outlined', unverified: 'plain' } as const;
const ICONS = { external: BadgeCheck, internal: BadgeInfo, unverified: ShieldQuestionMark };

export function IdentityBadge({ person }: { person: Person }) {
    return (
        <Badge kind={KINDS[person.identity]} icon={ICONS[person.identity]}>
            {identityWords(person)}
        </Badge>
    );
}

/** The sign alone, where a name stands beside it: on tiles. */
export function IdentityIcon({ person }: { person: Person }) {
    const I = ICONS[person.identity];
    return (
        <span class={`identity-icon identity-${person.identity}`}>
            <I {...ICON_S} size={14} />
            <span class="only-heard">{identityWords(person)}</span>
        </span>
    );
}
