// Where a line is written: Enter says it, Shift and Enter begin a new one; @ offers names.
import { SendHorizontal, X } from 'lucide-preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { attempt } from '../room/actions';
import { useSession } from '../room/session';
import { cx, IconButton } from '../ui';
import { candidates, complete, mentionsIn, unfinished } from './mention';
import { answering } from './state';

const MAX_BYTES = 4096;
const ALL = -1;

function tooLong(text: string): boolean {
    return new TextEncoder().encode(text).length > MAX_BYTES;
}

export function Composer() {
    const session = useSession();
    const { room } = session;
    const [text, setText] = useState('');
    const [word, setWord] = useState<string | null>(null);
    const [chosen, setChosen] = useState(0);
    const box = useRef<HTMLTextAreaElement>(null);
    const cursor = useRef<number | null>(null);
    const id = useId();
    const answered = answering.value;
    useEffect(() => {
        if (answered) box.current?.focus();
    }, [answered]);
    // With the text and not after it: what is typed next comes behind the name.
    useLayoutEffect(() => {
        if (cursor.current === null) return;
        box.current?.focus();
        box.current?.setSelectionRange(cursor.current, cursor.current);
        cursor.current = null;
    });

    const all = { leaf: ALL, name: t('chat.everybody'), self: false };
    const offered = word === null ? [] : candidates([...room.people.value, all], word);
    const look = () => {
        setWord(unfinished(box.current?.value ?? '', box.current?.selectionStart ?? 0));
        setChosen(0);
    };
    const take = (name: string) => {
        const [next, at] = complete(text, box.current?.selectionStart ?? text.length, name);
        cursor.current = at;
        setText(next);
        setWord(null);
    };
    const say = async () => {
        const line = text.trim();
        if (!line || tooLong(line)) return;
        const mentions = mentionsIn(line, room.people.peek());
        const everybody = line.includes(`@${t('chat.everybody')}`);
        const answer = answering.peek();
        const reply = answer?.seq ?? 0;
        // Gone from here at once: what is typed meanwhile is the next line. It is back where it could not be said.
        setText('');
        answering.value = null;
        const done = await attempt(session, {
            do: 'chat',
            text: line,
            ...(reply ? { reply } : {}),
            ...(mentions.length ? { mentions } : {}),
            ...(everybody ? { everybody } : {}),
        });
        if (done) return;
        setText((now) => (now ? `${text}\n${now}` : text));
        answering.value ??= answer;
    };
    const onKey = (e: KeyboardEvent) => {
        const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
        const one = offered[chosen];
        if (one && step) setChosen((chosen + step + offered.length) % offered.length);
        else if (one && (e.key === 'Enter' || e.key === 'Tab')) take(one.name);
        else if (word !== null && e.key === 'Escape') setWord(null);
        else if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) void say();
        else return;
        e.preventDefault();
        e.stopPropagation();
    };
    return (
        <div class="composer">
            {answered && (
                <div class="composer-answer">
                    <span>{t('chat.answers', { name: answered.person.name, text: answered.text })}</span>
                    <IconButton
                        icon={X}
                        label={t('chat.reply.stop')}
                        tip="none"
                        onClick={() => (answering.value = null)}
                    />
                </div>
            )}
            {offered.length > 0 && (
                <ul class="composer-names" id={`${id}-names`} role="listbox" aria-label={t('chat.names')}>
                    {offered.map((p, i) => (
                        <li
                            key={p.leaf}
                            id={`${id}-${i}`}
                            role="option"
                            class={cx('composer-name', i === chosen && 'composer-name-on')}
                            aria-selected={i === chosen}
                            onMouseDown={(e) => {
                                e.preventDefault();
                                take(p.name);
                            }}
                        >
                            {p.name}
                        </li>
                    ))}
                </ul>
            )}
            <div class="composer-row">
                <textarea
                    ref={box}
                    class="input composer-box"
                    rows={1}
                    value={text}
                    placeholder={t('chat.write')}
                    role="combobox"
                    aria-label={t('chat.write')}
                    aria-autocomplete="list"
                    aria-expanded={offered.length > 0}
                    aria-controls={`${id}-names`}
                    aria-activedescendant={offered.length ? `${id}-${chosen}` : undefined}
                    aria-invalid={tooLong(text) ? true : undefined}
                    onInput={(e) => {
                        setText(e.currentTarget.value);
                        look();
                    }}
                    onClick={look}
                    onKeyDown={onKey}
                />
                <IconButton
                    icon={SendHorizontal}
                    label={t('chat.send')}
                    tip="above-end"
                    disabled={!text.trim() || tooLong(text)}
                    onClick={() => void say()}
                />
            </div>
            {tooLong(text) && <p class="field-error">{t('chat.too_long')}</p>}
        </div>
    );
}
