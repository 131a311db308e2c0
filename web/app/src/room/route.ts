// Which page an address means. A meeting is /m/<id or number>, with the secret part of a link after the #.

export type Route =
    | { page: 'home' }
    | { page: 'signin' }
    | { page: 'account' }
    | { page: 'meeting'; ref: string; byNumber: boolean; link: string }
    | { page: 'none' };

const MEETING = /^\/m\/([A-Za-z0-9_-]{1,32})\/?$/;

export function route(url: URL): Route {
    if (url.pathname === '/' || url.pathname === '/index.html') return { page: 'home' };
    if (url.pathname === '/signin') return { page: 'signin' };
    if (url.pathname === '/account') return { page: 'account' };
    const ref = MEETING.exec(url.pathname)?.[1];
    if (!ref) return { page: 'none' };
    return { page: 'meeting', ref, byNumber: isNumber(ref), link: url.href };
}

function isNumber(s: string): boolean {
    return /^\d{4,16}$/.test(s);
}

/** What somebody typed on the first page: where to go, and whether that is another server; null: no meeting. */
export function entryOf(text: string, here: URL): { url: URL; elsewhere: boolean } | null {
    const plain = text.trim();
    const digits = plain.replace(/[\s-]/g, '');
    if (isNumber(digits)) return { url: new URL(`/m/${digits}`, here), elsewhere: false };
    let url: URL;
    try {
        url = new URL(/^https?:\/\//i.test(plain) ? plain : `${here.protocol}//${plain}`);
    } catch {
        return null;
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
    if (route(url).page !== 'meeting') return null;
    return { url, elsewhere: url.origin !== here.origin };
}

/** A number in groups of three, as one reads it out; an id in short. */
export function refWords(ref: string, byNumber: boolean): string {
    if (!byNumber) return ref.length > 10 ? `${ref.slice(0, 8)}…` : ref;
    return ref.replace(/(\d{3})(?=\d)/g, '$1 ');
}
