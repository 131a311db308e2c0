// The shield: always top left, a sign and words, never colour alone.
import { useEffect, useState } from 'preact/hooks';
import type { ShieldState } from '../core/types';
import { t } from '../i18n';
import { cx } from '../ui';
import { useSession } from './session';
import { shieldWords, signOf, type Sign } from './shield_words';
import { dialog } from './view';

const OUTLINE =
    'M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 ' +
    '4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1 1z';

/** Half drawn at most so long: an update is no reason to worry anybody. */
const HALF_MS = 300;

export function ShieldSign({ sign, size = 20 }: { sign: Sign; size?: number }) {
    return (
        <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" class="shield-sign">
            {sign === 'open' ? (
                <>
                    <rect x="4" y="11" width="16" height="10" rx="2" />
                    <path d="M8 11V7a4 4 0 0 1 7.6-1.7" />
                </>
            ) : (
                <path d={OUTLINE} class={cx(sign === 'half' && 'shield-sign-half')} />
            )}
            {(sign === 'closed' || sign === 'dot') && <path d="m8.5 12 2.5 2.5 4.5-5" />}
            {sign === 'dot' && <circle class="shield-sign-dot" cx="19" cy="5" r="4" />}
            {sign === 'bar' && <path d="M9 9.5l6 6M15 9.5l-6 6" />}
        </svg>
    );
}

/** The state as shown: "updating" steps back to what was before after 300 ms. */
export function useShownState(now: ShieldState): ShieldState {
    const [steady, setSteady] = useState(now);
    const [late, setLate] = useState(false);
    useEffect(() => {
        setLate(false);
        if (now !== 'updating') {
            setSteady(now);
            return undefined;
        }
        const timer = setTimeout(() => setLate(true), HALF_MS);
        return () => clearTimeout(timer);
    }, [now]);
    return now === 'updating' && late ? steady : now;
}

export function ShieldButton() {
    const { room } = useSession();
    const m = room.model.value;
    const state = useShownState(m.state);
    const sign = signOf(state);
    const words = shieldWords(state, m);
    return (
        <button
            type="button"
            class={cx('shield', `shield-${sign}`)}
            aria-label={t('shield.name', { state: words })}
            aria-haspopup="dialog"
            data-state={state}
            onClick={() => {
                dialog.value = 'shield';
            }}
        >
            <ShieldSign sign={sign} />
            <span>{words}</span>
        </button>
    );
}
