// Annotation and remote control hang themselves on: over the shared picture, and a line over the room.
import { registerBanner, registerFeature, registerOverlay } from '../room/registry';
import { ControlBanner } from './banner';
import { ScreenOverlay } from './overlay';
import { follow } from './state';

registerFeature({ id: 'control', start: follow });
registerOverlay({ id: 'control', place: 'screen', component: ScreenOverlay });
registerBanner({ id: 'control', order: 20, component: ControlBanner });
