// On the page after leaving: what was recorded, and under which name.
import { t } from '../i18n';
import { recorded } from './recorder';

export function KeptRecordings() {
    if (recorded.value.length === 0) return null;
    return (
        <section>
            <h2>{t('record.kept')}</h2>
            <ul>
                {recorded.value.map((name) => (
                    <li key={name}>{name}</li>
                ))}
            </ul>
        </section>
    );
}
