// "@Ana": whom a line means. Pure: people and text in, leaves or parts out.

interface Named {
    leaf: number;
    name: string;
    self: boolean;
}

/** The unfinished @word before the cursor, without the @; null: there is none. */
export function unfinished(text: string, cursor: number): string | null {
    const before = text.slice(0, cursor);
    const at = before.lastIndexOf('@');
    if (at < 0 || (at > 0 && !/\s/.test(before[at - 1] ?? ''))) return null;
    const word = before.slice(at + 1);
    return word.length > 40 || word.includes('\n') ? null : word;
}

/** Whom that may become: names that begin so first, then those that hold it. */
export function candidates<P extends Named>(people: readonly P[], word: string): P[] {
    const w = word.toLocaleLowerCase();
    const rank = (p: P) => {
        const at = p.name.toLocaleLowerCase().indexOf(w);
        return at === 0 ? 0 : at > 0 ? 1 : 2;
    };
    return people
        .filter((p) => !p.self && rank(p) < 2)
        .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
        .slice(0, 6);
}

/** The text with the unfinished word made a whole name, and where the cursor stands then. */
export function complete(text: string, cursor: number, name: string): [string, number] {
    const at = text.slice(0, cursor).lastIndexOf('@');
    const head = `${text.slice(0, at)}@${name} `;
    return [head + text.slice(cursor), head.length];
}

/** Longest names first: "@Ana Maria" is not Ana. At most 16. */
export function mentionsIn(text: string, people: readonly Named[]): number[] {
    const byLength = [...people].filter((p) => !p.self).sort((a, b) => b.name.length - a.name.length);
    const found: number[] = [];
    let rest = text;
    for (const p of byLength) {
        const at = `@${p.name}`;
        if (!rest.includes(at)) continue;
        found.push(p.leaf);
        rest = rest.split(at).join(' ');
    }
    return found.slice(0, 16);
}

export type Part = { kind: 'text' | 'link' | 'mention'; text: string };

const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi;

/** Text as it is shown: links are marked, and the names that the line means. */
export function parts(text: string, names: readonly string[]): Part[] {
    const marks: { from: number; to: number; kind: 'link' | 'mention' }[] = [];
    for (const m of text.matchAll(LINK))
        marks.push({ from: m.index, to: m.index + m[0].length, kind: 'link' });
    for (const name of names)
        for (let i = text.indexOf(`@${name}`); i >= 0; i = text.indexOf(`@${name}`, i + 1))
            marks.push({ from: i, to: i + name.length + 1, kind: 'mention' });
    marks.sort((a, b) => a.from - b.from || b.to - a.to);
    const out: Part[] = [];
    let at = 0;
    for (const m of marks) {
        if (m.from < at) continue;
        if (m.from > at) out.push({ kind: 'text', text: text.slice(at, m.from) });
        out.push({ kind: m.kind, text: text.slice(m.from, m.to) });
        at = m.to;
    }
    if (at < text.length) out.push({ kind: 'text', text: text.slice(at) });
    return out;
}
