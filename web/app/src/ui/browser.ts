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
