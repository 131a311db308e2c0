// Sizes and endings in words.
import { language, t } from '../i18n';
import type { Moving } from './store';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** "2.1 MB" */
export function sizeWords(bytes: number): string {
    let n = bytes;
    let u = 0;
    for (; n >= 999.5 && u + 1 < UNITS.length; u++) n /= 1000;
    const unit = UNITS[u] ?? 'byte';
    const digits = u > 0 && n < 10 ? 1 : 0;
    return new Intl.NumberFormat(language.value, {
        style: 'unit',
        unit,
        unitDisplay: u === 0 ? 'long' : 'short',
        maximumFractionDigits: digits,
    }).format(n);
}

export function stateWords(m: Moving, size: number): string {
    if (m.state === 'failed') {
        if (m.why === 'bad-chunk') return t('files.fault.bad-chunk', { part: (m.chunk ?? 0) + 1 });
        return t(`files.fault.${m.why ?? 'failed'}` as 'files.fault.failed');
    }
    if (m.state === 'saved') return t('files.saved');
    const how = { done: sizeWords(m.done), size: sizeWords(size) };
    if (m.state === 'asked') return t('files.paused', how);
    if (m.state === 'connection') return t('files.waiting', how);
    return t(m.sending ? 'files.sending' : 'files.getting', how);
}
