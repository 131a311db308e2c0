// What a key is called in X11 (docs/protocol/control.md): letters by their Unicode keysym, the others by name.
const NAMED: Record<string, number> = {
    Backspace: 0xff08,
    Tab: 0xff09,
    Enter: 0xff0d,
    Escape: 0xff1b,
    Delete: 0xffff,
    Home: 0xff50,
    ArrowLeft: 0xff51,
    ArrowUp: 0xff52,
    ArrowRight: 0xff53,
    ArrowDown: 0xff54,
    PageUp: 0xff55,
    PageDown: 0xff56,
    End: 0xff57,
    Insert: 0xff63,
    ContextMenu: 0xff67,
    CapsLock: 0xffe5,
    AltGraph: 0xfe03,
};
const SIDED: Record<string, [number, number]> = {
    Shift: [0xffe1, 0xffe2],
    Control: [0xffe3, 0xffe4],
    Alt: [0xffe9, 0xffea],
    Meta: [0xffeb, 0xffec],
};

/** 0: none. */
export function keysym(key: string, location = 0): number {
    const sided = SIDED[key];
    if (sided) return sided[location === 2 ? 1 : 0];
    const named = NAMED[key];
    if (named) return named;
    const f = /^F([1-9]|1[0-9]|2[0-4])$/.exec(key);
    if (f) return 0xffbd + Number(f[1]);
    const letters = Array.from(key);
    const code = letters.length === 1 ? (key.codePointAt(0) ?? 0) : 0;
    if (code >= 0x20 && code <= 0x7e) return code;
    return code >= 0xa0 ? 0x01000000 + code : 0;
}
