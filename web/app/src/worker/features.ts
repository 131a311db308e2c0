// What features add to the worker: commands, and ears for events. One line a feature.
import type { CoreEvent } from '../core/types';
import { certificates } from './certificates';
import { contacts } from './contacts';
import { files } from './files';
import { chat } from './chat';
import { board } from './board';
import { revoked } from './revoked';
import { meetingHandlers, type Context, type Handlers } from './commands';

export interface WorkerFeature {
    handlers?: Handlers;
    /** Sees every event before the page does. */
    heard?(context: Context, event: CoreEvent): void;
}

export const features: readonly WorkerFeature[] = [
    certificates,
    contacts,
    revoked,
    board,
    chat,
    files,
];

export function allHandlers(): Handlers {
    return Object.assign({}, meetingHandlers, ...features.map((f) => f.handlers ?? {})) as Handlers;
}
