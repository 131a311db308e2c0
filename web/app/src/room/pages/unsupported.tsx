import { CircleX } from 'lucide-preact';
import { t, tMaybe } from '../../i18n';
import type { Lacking } from '../../rtc/support';
import { ICON } from '../../ui';
import { Frame } from '../frame';

/** The browser by the name that people know; what it says of itself is good enough for a sentence. */
export function browserName(agent: string): string {
    const known: readonly [RegExp, string][] = [
        [/Edg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
        [/OPR\/(\d+)/, 'Opera'],
        [/SamsungBrowser\/(\d+)/, 'Samsung Internet'],
        [/(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
        [/(?:Chrome|CriOS|Chromium)\/(\d+)/, 'Chrome'],
        [/Version\/(\d+)[\d.]* .*Safari/, 'Safari'],
    ];
    for (const [is, name] of known) {
        const found = is.exec(agent);
        if (found) return `${name} ${found[1] ?? ''}`.trim();
    }
    return 'This browser';
}

export function Unsupported({ lacking }: { lacking: readonly Lacking[] }) {
    const title = t('unsupported.title', { browser: browserName(navigator.userAgent) });
    return (
        <Frame title={title}>
            <div class="card stack">
                <h1>{title}</h1>
                <p class="soft">{t('unsupported.text')}</p>
                <ul class="stack-tight">
                    {lacking.map((what) => (
                        <li key={what} class="with-icon">
                            <CircleX {...ICON} />
                            {tMaybe(`support.${what}`) ?? what}
                        </li>
                    ))}
                </ul>
                <p class="soft">{t('unsupported.try')}</p>
            </div>
        </Frame>
    );
}
