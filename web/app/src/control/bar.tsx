// The small bar on a shared picture: draw, keep, clear, switch off, ask for control.
import { Eraser, MousePointerClick, PenLine, PenOff, Pin, X } from 'lucide-preact';
import { t } from '../i18n';
import type { OverlayProps } from '../room/registry';
import { useSession } from '../room/session';
import { IconButton } from '../ui';
import {
    ask,
    asked,
    authorOf,
    clearDrawn,
    drawing,
    grants,
    held,
    keep,
    off,
    permit,
    stop,
    strokes,
} from './state';

function AskButton({ leaf }: { leaf: number }) {
    const { room } = useSession();
    const person = room.member(leaf);
    const waiting = asked.value === leaf;
    if (!person || person.self) return null;
    if (held()?.sharer.leaf === leaf || grants.value.some((g) => g.sharer.leaf === leaf))
        return null;
    return (
        <IconButton
            icon={waiting ? X : MousePointerClick}
            label={t(waiting ? 'control.ask.cancel' : 'control.ask')}
            onClick={() => (waiting ? stop() : ask(person))}
        />
    );
}

export function ScreenBar({ leaf }: OverlayProps) {
    const { room } = useSession();
    const person = room.people.value.find((p) => p.leaf === leaf);
    const me = room.self.value;
    if (!person || !me || held()?.sharer.leaf === leaf) return null; // it would lie in the way
    const target = authorOf(person);
    const isOff = off.value.has(target);
    const owner = person.self || me.host;
    const some = strokes.value.some((s) => s.target === target && (person.self || s.self));
    return (
        <div class="screen-bar" role="toolbar" aria-label={t('annotate.tools')}>
            {!isOff && (
                <IconButton
                    icon={PenLine}
                    label={t('annotate.draw')}
                    aria-pressed={drawing.value}
                    onClick={() => {
                        drawing.value = !drawing.value;
                    }}
                />
            )}
            {!isOff && drawing.value && (
                <IconButton
                    icon={Pin}
                    label={t('annotate.keep')}
                    aria-pressed={keep.value}
                    onClick={() => {
                        keep.value = !keep.value;
                    }}
                />
            )}
            {some && (
                <IconButton
                    icon={Eraser}
                    label={t('annotate.clear')}
                    onClick={() => clearDrawn(target)}
                />
            )}
            {owner && (
                <IconButton
                    icon={PenOff}
                    label={t(isOff ? 'annotate.on' : 'annotate.off')}
                    aria-pressed={isOff}
                    onClick={() => permit(target, isOff)}
                />
            )}
            <AskButton leaf={leaf} />
        </div>
    );
}
