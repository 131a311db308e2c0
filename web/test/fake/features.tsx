// Small stand-ins, so that the registration itself is tested: a panel with a count, a stage, keys, a menu entry.
import { signal } from '@preact/signals';
import { Hand, MessageSquare, PenLine } from 'lucide-preact';
import type * as registry from '../../app/src/room/registry';
import type { FakeCore } from './core';

type Register = Pick<typeof registry, 'registerPanel' | 'registerStage' | 'registerControl'>;

export function fakeFeatures(r: Register, core: FakeCore): void {
    const board = signal(false);
    const hand = signal(false);
    const unread = signal(2);
    r.registerPanel({
        id: 'chat',
        order: 10,
        label: 'room.help.c',
        icon: MessageSquare,
        count: () => unread.value,
        component: () => <div class="panel-scroll">a panel of a feature</div>,
    });
    r.registerStage({
        id: 'board',
        label: () => 'Board',
        icon: PenLine,
        active: board,
        component: () => <div class="empty">a stage of a feature</div>,
    });
    r.registerControl({
        id: 'hand',
        order: 10,
        label: () => 'Raise hand',
        icon: Hand,
        shortcut: 'H',
        pressed: () => hand.value,
        onClick: () => {
            hand.value = !hand.value;
            core.done.push({ do: 'hand', on: hand.value } as never);
        },
    });
    r.registerControl({
        id: 'board',
        order: 20,
        label: () => 'Board',
        icon: PenLine,
        pressed: () => board.value,
        onClick: () => {
            board.value = !board.value;
        },
    });
}
