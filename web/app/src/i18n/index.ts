// All words of the page. Texts are in <language>/<part>.json, a part a feature; keys are flat and typed:
//
//     t('room.leave')                        t('people.removed', { name: 'Ben' })
//     tn('people.count', 3)                  picks people.count_one or people.count_other, {n} is the number
//
// Reading a text in a component subscribes it to the language, so a switch redraws at once.
import { signal } from '@preact/signals';
import deAccount from './de/account.json';
import deBoard from './de/board.json';
import deChat from './de/chat.json';
import deControl from './de/control.json';
import deFiles from './de/files.json';
import deIdentity from './de/identity.json';
import dePages from './de/pages.json';
import dePeople from './de/people.json';
import deRecord from './de/record.json';
import deRoom from './de/room.json';
import deRtc from './de/rtc.json';
import deShield from './de/shield.json';
import deTrust from './de/trust.json';
import enAccount from './en/account.json';
import enBoard from './en/board.json';
import enChat from './en/chat.json';
import enControl from './en/control.json';
import enFiles from './en/files.json';
import enIdentity from './en/identity.json';
import enPages from './en/pages.json';
import enPeople from './en/people.json';
import enRecord from './en/record.json';
import enRoom from './en/room.json';
import enRtc from './en/rtc.json';
import enShield from './en/shield.json';
import enTrust from './en/trust.json';

const en = {
    ...enAccount,
    ...enBoard,
    ...enChat,
    ...enControl,
    ...enFiles,
    ...enIdentity,
    ...enPages,
    ...enPeople,
    ...enRecord,
    ...enRoom,
    ...enRtc,
    ...enShield,
    ...enTrust,
};
const de: Record<string, string> = {
    ...deAccount,
    ...deBoard,
    ...deChat,
    ...deControl,
    ...deFiles,
    ...deIdentity,
    ...dePages,
    ...dePeople,
    ...deRecord,
    ...deRoom,
    ...deRtc,
    ...deShield,
    ...deTrust,
};

type Key = keyof typeof en;
export type PluralKey = Key extends infer K ? (K extends `${infer P}_other` ? P : never) : never;
export type TextKey = Exclude<Key, `${PluralKey}_one` | `${PluralKey}_other`>;
export type TextParams = Readonly<Record<string, string | number>>;

const TEXTS = { en: en as Record<string, string>, de };
export type Language = keyof typeof TEXTS;
export const LANGUAGES: readonly { id: Language; name: string }[] = [
    { id: 'en', name: 'English' },
    { id: 'de', name: 'Deutsch' },
];

const KEPT = 'ic.language';

function isLanguage(s: string | null | undefined): s is Language {
    return s === 'en' || s === 'de';
}

function firstLanguage(): Language {
    try {
        const kept = localStorage.getItem(KEPT);
        if (isLanguage(kept)) return kept;
    } catch {
        // a browser that keeps nothing: its own languages decide
    }
    for (const l of navigator.languages ?? []) {
        const short = l.slice(0, 2);
        if (isLanguage(short)) return short;
    }
    return 'en';
}

export const language = signal<Language>(firstLanguage());

/** Takes and keeps a choice; the document's language follows. */
export function setLanguage(l: Language): void {
    language.value = l;
    document.documentElement.lang = l;
    try {
        localStorage.setItem(KEPT, l);
    } catch {
        // then it holds for this visit
    }
}

function fill(text: string, params?: TextParams): string {
    if (!params) return text;
    return text.replace(/\{(\w+)\}/g, (all, name: string) => {
        const v = params[name];
        return v === undefined ? all : typeof v === 'number' ? number(v) : v;
    });
}

export function t(key: TextKey, params?: TextParams): string {
    const own = TEXTS[language.value][key];
    return fill(own ?? TEXTS.en[key] ?? key, params);
}

/** For keys made of what the core or the browser says; undefined: we have no words for that. */
export function tMaybe(key: string, params?: TextParams): string | undefined {
    const text = TEXTS[language.value][key] ?? TEXTS.en[key];
    return text === undefined ? undefined : fill(text, params);
}

export function tn(key: PluralKey, n: number, params?: TextParams): string {
    const form = new Intl.PluralRules(language.value).select(n) === 'one' ? 'one' : 'other';
    const full = `${key}_${form}`;
    return fill(TEXTS[language.value][full] ?? TEXTS.en[full] ?? key, { n, ...params });
}

/** The person's own way of writing times, where it is of the chosen language: en-GB, de-CH. */
function locale(): string {
    const l = language.value;
    return navigator.languages?.find((own) => own.slice(0, 2) === l) ?? l;
}

export function number(n: number): string {
    return new Intl.NumberFormat(locale()).format(n);
}

/** Hours, minutes, seconds as the language writes them. */
export function clock(time_ms: number): string {
    return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(time_ms);
}

export function date(time_ms: number): string {
    return new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(time_ms);
}

/** Day and minute. */
export function moment(time_ms: number): string {
    return new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' }).format(time_ms);
}

/** "Ana, Ben and Cho" */
export function list(names: readonly string[]): string {
    return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(names);
}
