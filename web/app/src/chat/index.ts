// Chat, hands, reactions, requests to mute, watermark: hung into the room.
import { MessageSquare } from 'lucide-preact';
import { registerFeature, registerOverlay, registerPanel } from '../room/registry';
import { controlsFor, registerControls } from './controls';
import { FloatingSigns } from './float';
import { ChatPanel } from './panel';
import { followTalk, unread } from './state';
import { tellStatus } from './status';
import { followTerms } from './terms';
import { Watermark } from './watermark';

registerFeature({
    id: 'chat',
    start: (session) => {
        controlsFor(session);
        const stops = [followTerms(session), followTalk(session), tellStatus(session)];
        return () => {
            stops.forEach((stop) => stop());
            controlsFor(null);
        };
    },
});
registerPanel({
    id: 'chat',
    order: 10,
    label: 'chat.title',
    icon: MessageSquare,
    component: ChatPanel,
    count: () => unread.value,
});
registerControls();
registerOverlay({ id: 'reactions', place: 'room', component: FloatingSigns });
registerOverlay({ id: 'watermark', place: 'tile', order: 50, component: Watermark });
registerOverlay({ id: 'watermark-screen', place: 'screen', order: 5, component: Watermark });
