// The chat: a log that screen readers follow, and a place to write.
import { Download, MessageSquare } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton, Menu, MenuItem } from '../ui';
import { Composer } from './composer';
import { saveChat, type ExportKind } from './export';
import { ChatLine } from './line';
import { lines, markRead, type Line } from './state';

const TOGETHER_MS = 120000;
const KINDS: readonly ExportKind[] = ['html', 'txt', 'json'];

function follows(line: Line, before: Line | undefined): boolean {
    return (
        before !== undefined &&
        before.person.key_hash === line.person.key_hash &&
        line.time_ms - before.time_ms < TOGETHER_MS
    );
}

/** Stays at the end, unless somebody has scrolled up to read. */
function useEnd(count: number) {
    const box = useRef<HTMLDivElement>(null);
    const atEnd = useRef(true);
    useEffect(() => {
        const b = box.current;
        if (b && atEnd.current) b.scrollTop = b.scrollHeight;
        markRead();
    }, [count]);
    const onScroll = () => {
        const b = box.current;
        if (b) atEnd.current = b.scrollHeight - b.scrollTop - b.clientHeight < 48;
    };
    return { box, onScroll };
}

function Export() {
    return (
        <Menu
            label={t('chat.export')}
            place="below"
            trigger={(p) => (
                <IconButton {...p} icon={Download} label={t('chat.export')} tip="below-end" />
            )}
        >
            {KINDS.map((k) => (
                <MenuItem key={k} onClick={() => saveChat(k)}>
                    {t(`chat.export.${k}`)}
                </MenuItem>
            ))}
        </Menu>
    );
}

export function ChatPanel() {
    const all = lines.value;
    const { box, onScroll } = useEnd(all.length);
    return (
        <div class="chat">
            <div class="chat-bar">
                <p class="soft small">{t('chat.note')}</p>
                {all.length > 0 && <Export />}
            </div>
            <div class="chat-scroll" ref={box} onScroll={onScroll} tabIndex={0}>
                {all.length === 0 && (
                    <div class="empty">
                        <MessageSquare size={32} strokeWidth={1.5} aria-hidden="true" />
                        <p class="empty-title">{t('chat.empty')}</p>
                        <p class="soft">{t('chat.empty.text')}</p>
                    </div>
                )}
                <ol class="chat-lines" role="log" aria-live="polite" aria-label={t('chat.title')}>
                    {all.map((l, i) => (
                        <ChatLine key={l.seq} line={l} follows={follows(l, all[i - 1])} />
                    ))}
                </ol>
            </div>
            <Composer />
        </div>
    );
}
