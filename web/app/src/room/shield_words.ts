// The shield's signs and words, exactly as /docs tells people: one place, so that button, title and log agree.
import { t, tn } from '../i18n';
import type { ShieldState } from '../core/types';
import { toCompare, type RoomModel } from '../state/model';

/** closed, dot: end-to-end. open: the server could read. half: changing. bar: cut off. idle: not in a room. */
export type Sign = 'closed' | 'dot' | 'open' | 'half' | 'bar' | 'idle';

const SIGNS: Record<ShieldState, Sign> = {
    connecting: 'idle',
    waiting_host: 'idle',
    in_lobby: 'idle',
    e2ee: 'closed',
    e2ee_compare: 'dot',
    server_only: 'open',
    updating: 'half',
    reconnecting: 'idle',
    cut_off: 'bar',
    over: 'idle',
};

export function signOf(state: ShieldState): Sign {
    return SIGNS[state] ?? 'idle';
}

/** "Compare the code with Ana and 2 others" */
export function compareWords(names: readonly string[]): string {
    const [name, ...others] = names;
    if (name === undefined) return t('shield.compare.code');
    if (others.length === 0) return t('shield.compare.one', { name });
    return tn('shield.compare', others.length, { name });
}

export function shieldWords(state: ShieldState, m: RoomModel): string {
    if (state === 'e2ee_compare') return compareWords(toCompare(m).map((p) => p.name));
    return t(`shield.${state}`);
}

/** One sentence about what it means. */
export function shieldMeaning(state: ShieldState): string {
    switch (state) {
        case 'e2ee':
        case 'updating':
            return t('shield.e2ee.text');
        case 'e2ee_compare':
            return t('shield.compare.text');
        case 'server_only':
            return t('shield.server_only.text');
        case 'reconnecting':
            return t('shield.reconnecting.text');
        case 'cut_off':
            return t('shield.cut_off.text');
        default:
            return t('shield.closed.text');
    }
}
