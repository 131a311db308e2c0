// What went wrong, in words: what happened and what to do.
import { number, t, tMaybe } from '../i18n';
import { ApiError } from './api';

export function errorWords(error: unknown): string {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (error instanceof ApiError && error.status === 429) {
        const wait = Math.ceil(error.retry_s / 60);
        return wait > 1 ? t('account.error.limit.minutes', { n: number(wait) }) : t('account.error.limit');
    }
    const why = error instanceof Error ? error.message : String(error);
    return tMaybe(`account.error.${code}`) ?? t('account.error.other', { why: why || code });
}
