// One line of the chat: who, when, what it answers, the text, its marks, and what can be done with it.
import { Reply, SmilePlus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { clock, list, t, tn } from '../i18n';
import { attempt } from '../room/actions';
import { useSession } from '../room/session';
import { cx, IconButton, Menu, MenuItem } from '../ui';
import { LinkDialog } from './link';
import { parts } from './mention';
import { SIGNS } from './signs';
import { answering, lineOf, type Line } from './state';
import type { Mark } from './types';

function Text({ line }: { line: Line }) {
    const { room } = useSession();
    const [link, setLink] = useState('');
    const names = line.mentions.flatMap((leaf) => room.member(leaf)?.name ?? []);
    if (line.everybody) names.push(t('chat.everybody'));
    return (
        <p class="chat-text">
            {parts(line.text, names).map((p, i) =>
                p.kind === 'link' ? (
                    <button key={i} type="button" class="chat-link" onClick={() => setLink(p.text)}>
                        {p.text}
                    </button>
                ) : p.kind === 'mention' ? (
                    <strong key={i} class="chat-mention">
                        {p.text}
                    </strong>
                ) : (
                    p.text
                ),
            )}
            {link && <LinkDialog link={link} onClose={() => setLink('')} />}
        </p>
    );
}

function MarkButton({ line, mark }: { line: Line; mark: Mark }) {
    const session = useSession();
    const names = list(mark.names);
    return (
        <button
            type="button"
            class={cx('chat-mark', mark.own && 'chat-mark-own')}
            aria-pressed={mark.own}
            aria-label={`${mark.sign} ${tn('chat.marks', mark.count)}: ${names}`}
            title={names}
            onClick={() =>
                void attempt(session, {
                    do: 'mark',
                    seq: line.seq,
                    sign: mark.sign,
                    put: !mark.own,
                })
            }
        >
            <span aria-hidden="true">{mark.sign}</span>
            <span aria-hidden="true">{mark.count}</span>
        </button>
    );
}

function Actions({ line }: { line: Line }) {
    const session = useSession();
    const put = (sign: string) => void attempt(session, { do: 'mark', seq: line.seq, sign, put: true });
    return (
        <div class="chat-actions">
            <IconButton
                icon={Reply}
                label={t('chat.reply', { name: line.person.name })}
                tip="none"
                onClick={() => (answering.value = line)}
            />
            <Menu
                label={t('chat.mark')}
                place="below"
                trigger={(p) => (
                    <IconButton {...p} icon={SmilePlus} label={t('chat.mark')} tip="none" />
                )}
            >
                <div class="sign-row" role="presentation">
                    {SIGNS.map((s) => (
                        <MenuItem
                            key={s.sign}
                            looks="sign"
                            label={t(s.name)}
                            onClick={() => put(s.sign)}
                        >
                            <span aria-hidden="true">{s.sign}</span>
                        </MenuItem>
                    ))}
                </div>
            </Menu>
        </div>
    );
}

/** follows: the line before is of the same person, a moment ago. */
export function ChatLine({ line, follows }: { line: Line; follows: boolean }) {
    const answered = line.reply ? lineOf(line.reply) : undefined;
    const name = line.person.self ? t('chat.you') : line.person.name;
    return (
        <li
            class={cx('chat-line', line.you && 'chat-line-you', follows && 'chat-line-follows')}
            data-seq={line.seq}
        >
            {(!follows || line.reply > 0) && (
                <p class="chat-head">
                    <span class="chat-name">{name}</span>
                    <time class="soft small" dateTime={new Date(line.time_ms).toISOString()}>
                        {clock(line.time_ms)}
                    </time>
                </p>
            )}
            {line.reply > 0 && (
                <p class="chat-answered">
                    {answered
                        ? t('chat.answers', { name: answered.person.name, text: answered.text })
                        : t('chat.answers_earlier')}
                </p>
            )}
            <Text line={line} />
            {line.marks.length > 0 && (
                <div class="chat-marks">
                    {line.marks.map((m) => (
                        <MarkButton key={m.sign} line={line} mark={m} />
                    ))}
                </div>
            )}
            <Actions line={line} />
        </li>
    );
}
