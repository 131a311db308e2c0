/** First letters on a quiet colour: the same name, or key, always has the same. */
export function Avatar({ name, seed }: { name: string; seed: string }) {
    return (
        <span class={`avatar tint-${tint(seed)}`} aria-hidden="true">
            {letters(name)}
        </span>
    );
}

export function letters(name: string): string {
    const words = name.trim().split(/\s+/).filter(Boolean);
    const first = [...(words[0] ?? '?')][0] ?? '?';
    const last = words.length > 1 ? ([...(words[words.length - 1] ?? '')][0] ?? '') : '';
    return (first + last).toUpperCase();
}

function tint(seed: string): number {
    let n = 0;
    for (const c of seed) n = (n * 31 + (c.codePointAt(0) ?? 0)) % 6007;
    return n % 6;
}
