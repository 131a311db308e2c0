import type { ReadonlySignal } from '@preact/signals';

const BARS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** How loud something is, 0 to 1, as bars. */
export function Meter({ level, label }: { level: ReadonlySignal<number>; label: string }) {
    const lit = Math.round(level.value * BARS.length);
    return (
        <div
            class="meter"
            role="meter"
            aria-label={label}
            aria-valuemin={0}
            aria-valuemax={BARS.length}
            aria-valuenow={lit}
        >
            {BARS.map((i) => (
                <i key={i} class={i < lit ? 'on' : ''} />
            ))}
        </div>
    );
}
