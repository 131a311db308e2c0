import { t } from '../i18n';
import { qrOfDigits } from './qr';

const QUIET = 4;

/** Eight groups of five digits, and the same digits as a QR code. */
export function SecurityCode({ code }: { code: string }) {
    const groups = code.match(/\d{5}/g) ?? [];
    return (
        <div class="code">
            <ol class="code-groups mono" aria-label={t('shield.code')} data-code={groups.join(' ')}>
                {groups.map((g, i) => (
                    <li key={i} aria-label={[...g].join(' ')}>
                        {g}
                    </li>
                ))}
            </ol>
            <CodePicture digits={groups.join('')} />
        </div>
    );
}

function CodePicture({ digits }: { digits: string }) {
    if (!digits) return null;
    const cells = qrOfDigits(digits);
    const size = cells.length + 2 * QUIET;
    const path = cells
        .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')))
        .join('');
    return (
        <svg
            class="code-picture"
            viewBox={`0 0 ${size} ${size}`}
            role="img"
            aria-label={t('shield.code.picture')}
            shape-rendering="crispEdges"
        >
            <rect width={size} height={size} class="qr-light" />
            <path d={path} class="qr-dark" />
        </svg>
    );
}
