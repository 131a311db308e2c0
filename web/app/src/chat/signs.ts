// The signs that people react with; each has a name for screen readers.
import type { TextKey } from '../i18n';

export const SIGNS: readonly { sign: string; name: TextKey }[] = [
    { sign: '👍', name: 'chat.sign.yes' },
    { sign: '👏', name: 'chat.sign.applause' },
    { sign: '❤️', name: 'chat.sign.heart' },
    { sign: '😂', name: 'chat.sign.laugh' },
    { sign: '🎉', name: 'chat.sign.party' },
    { sign: '🤔', name: 'chat.sign.think' },
];
