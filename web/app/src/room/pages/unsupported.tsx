import { CircleX } from 'lucide-preact';
import { t, tMaybe } from '../../i18n';
import type { Lacking } from '../../rtc/support';
import { ICON } from '../../ui';
import { browserName } from '../../ui/browser';
import { Frame } from '../frame';

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
