// Files: a tab of the side panel, and a place to drop them over the room.
import { Paperclip } from 'lucide-preact';
import { t } from '../i18n';
import { registerControl, registerFeature, registerOverlay, registerPanel } from '../room/registry';
import { togglePanel } from '../room/view';
import { FilesDrop } from './drop';
import { FilesPanel } from './panel';
import { follow, unseen } from './store';

registerFeature({ id: 'files', start: ({ core }) => follow(core) });
registerPanel({
    id: 'files',
    order: 30,
    label: 'files.title',
    icon: Paperclip,
    component: FilesPanel,
    count: () => unseen.value,
});
registerControl({
    id: 'files',
    order: 25,
    label: () => t('files.title'),
    icon: Paperclip,
    shortcut: 'F',
    onClick: () => togglePanel('files'),
});
registerOverlay({ id: 'files', place: 'room', component: FilesDrop });
