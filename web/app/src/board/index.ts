// The whiteboard hangs itself on: a view of the stage, an entry of the menu, its ear for events.
import { PenLine } from 'lucide-preact';
import { t } from '../i18n';
import { registerControl, registerFeature, registerStage } from '../room/registry';
import { stageChoice } from '../room/view';
import { Board } from './Board';
import { follow, isOpen } from './model';
import { people } from './words';

function toggle(): void {
    isOpen.value = !isOpen.value;
    stageChoice.value = isOpen.value ? 'board' : null;
}

registerFeature({
    id: 'board',
    start: (session) => {
        people.value = session.room.people;
        const end = follow(session.core);
        return () => {
            end();
            people.value = null;
        };
    },
});
registerStage({
    id: 'board',
    order: 20,
    label: () => t('board.title'),
    icon: PenLine,
    active: isOpen,
    component: Board,
});
registerControl({
    id: 'board',
    order: 30,
    label: () => t('board.title'),
    icon: PenLine,
    shortcut: 'B',
    pressed: () => isOpen.value,
    onClick: toggle,
});
