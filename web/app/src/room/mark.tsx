/** Our sign: a closed door in a quiet room. */
export function Mark({ size = 24 }: { size?: number }) {
    return (
        <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" class="mark">
            <rect class="mark-wall" x="1" y="1" width="22" height="22" rx="6" />
            <path class="mark-door" d="M7.5 19V7.2a1.7 1.7 0 0 1 1.7-1.7h5.6a1.7 1.7 0 0 1 1.7 1.7V19z" />
            <circle class="mark-knob" cx="14.2" cy="12.6" r="1.1" />
        </svg>
    );
}
