// The chat as a file, for who asks for it: text, a page without scripts, or JSON.
import { clock, date, t } from '../i18n';
import { toast } from '../ui';
import { download, fileName } from './save';
import { lines, type Line } from './state';

export type ExportKind = 'html' | 'txt' | 'json';

function answered(line: Line, all: readonly Line[]): string {
    const to = all.find((l) => l.seq === line.reply);
    return to ? t('chat.answers', { name: to.person.name, text: to.text }) : '';
}

function marks(line: Line): string {
    return line.marks.map((m) => `${m.sign} ${m.count} (${m.names.join(', ')})`).join('  ');
}

export function asText(all: readonly Line[]): string {
    const out = all.map((l) => {
        const extra = [answered(l, all), marks(l)].filter(Boolean).map((x) => `    ${x}\n`);
        return `[${clock(l.time_ms)}] ${l.person.name}: ${l.text}\n${extra.join('')}`;
    });
    return `${heading(all)}\n\n${out.join('')}`;
}

export function asJson(all: readonly Line[]): string {
    const out = all.map((l) => ({
        seq: l.seq,
        time: new Date(l.time_ms).toISOString(),
        name: l.person.name,
        identity: l.person.identity,
        key_hash: l.person.key_hash,
        text: l.text,
        ...(l.reply ? { reply: l.reply } : {}),
        ...(l.everybody ? { everybody: true } : {}),
        marks: l.marks,
    }));
    return JSON.stringify({ format: 'incamera-chat-1', lines: out }, null, 2);
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;
color:#1d1f23;background:#fff}li{margin:.75rem 0;list-style:none}ol{padding:0}time,small{color:#565a63}
p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}`.replace(/\n/g, '');

function safe(text: string): string {
    return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

export function asHtml(all: readonly Line[]): string {
    const rows = all.map((l) => {
        const extra = [answered(l, all), marks(l)].filter(Boolean);
        return (
            `<li><b>${safe(l.person.name)}</b> <time>${safe(clock(l.time_ms))}</time>` +
            `<p>${safe(l.text)}</p>${extra.map((x) => `<small>${safe(x)}</small><br>`).join('')}</li>`
        );
    });
    const title = safe(heading(all));
    return (
        '<!doctype html><html><head><meta charset="utf-8">' +
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">' +
        `<title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>` +
        `<ol>${rows.join('\n')}</ol></body></html>\n`
    );
}

function heading(all: readonly Line[]): string {
    return t('chat.export.heading', { date: date(all[0]?.time_ms ?? Date.now()) });
}

const MAKERS: Record<ExportKind, [string, (all: readonly Line[]) => string]> = {
    html: ['text/html', asHtml],
    txt: ['text/plain', asText],
    json: ['application/json', asJson],
};

export function saveChat(kind: ExportKind): void {
    const [type, make] = MAKERS[kind];
    const name = fileName('chat', kind);
    download(new Blob([make(lines.peek())], { type }), name);
    toast(t('chat.export.done', { name }));
}
