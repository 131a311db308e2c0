import { t, tMaybe } from '../i18n';
import type { ShieldState } from '../core/types';
import type { LogEntry } from '../state/model';

/** Somebody is verified now, or not any more and why. */
export function identityChange({ name, what, text }: LogEntry): string {
    if (what === 'changed') return t('log.identity.changed', { name });
    if (what === 'verified') return t('log.identity', { name, words: t('people.verified', { name: text }) });
    const words = tMaybe(`people.reason.${text}`) ?? t('people.unverified');
    return t('log.identity', { name, words });
}

/** A line of the meeting's log in words. */
export function logWords(e: LogEntry): string {
    const { name, epoch } = e;
    switch (e.kind) {
        case 'state':
            return e.what === 'e2ee_compare'
                ? t('shield.compare.code')
                : t(`shield.${e.what as Exclude<ShieldState, 'e2ee_compare'>}`);
        case 'joined':
            return t('log.joined', { name });
        case 'left':
            return tMaybe(`log.left.${e.what}`, { name }) ?? t('log.left', { name });
        case 'code':
            return name ? t('log.code.by', { name, epoch }) : t('log.code', { epoch });
        case 'connection':
            return e.what === 'up' ? t('log.connection.up') : t('log.connection.down');
        case 'terms':
            return tMaybe(`log.terms.${e.what}`, { name }) ?? t('log.terms');
        case 'recording':
            return tMaybe(`log.recording.${e.what}`, { name }) ?? e.what;
        case 'identity':
            return identityChange(e);
        case 'alert':
            return [e.name, e.text || e.what].filter(Boolean).join(': ');
    }
}
