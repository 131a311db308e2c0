// The contract between the page and the worker. The page sends commands and gets events; it never gets
// a key. A feature adds its unions here:
//
//     import type { BoardCommand, BoardEvent, BoardResults } from '../board/types';
//     export type Command = MeetingCommand | MediaCommand | BoardCommand;
import type { ChatCommand, ChatEvent } from '../chat/types';
import type { BoardCommand, BoardEvent, BoardResults } from '../board/types';
import type { ContactCommand, ContactEvent, ContactResults } from '../contacts/types';
import type { ControlCommand, ControlEvent } from '../control/types';
import type { MediaCommand, MeetingCommand, MeetingResults } from './commands';
import type { StatusEvent } from '../state/types';
import type { CoreStateEvent, MediaEvent, MeetingEvent } from './events';
import type { FileCommand, FileEvent, FileResults } from '../files/types';
import type { IdentityCommand, IdentityEvent, IdentityResults, LogEvent } from '../identity/types';

export type * from './commands';
export type * from './events';
export type * from '../board/types';
export type * from '../control/types';

export type CoreEvent = (
    | MeetingEvent
    | MediaEvent
    | ChatEvent
    | FileEvent
    | IdentityEvent
    | LogEvent
    | ContactEvent
    | StatusEvent
    | BoardEvent
    | ControlEvent
    | CoreStateEvent
) & { time_ms?: number };
export type EventName = CoreEvent['event'];
export type EventOf<N extends EventName> = Extract<CoreEvent, { event: N }>;

export type Command =
    | MeetingCommand
    | MediaCommand
    | ChatCommand
    | FileCommand
    | IdentityCommand
    | ContactCommand
    | BoardCommand
    | ControlCommand;
export type CommandName = Command['do'];
export type CommandOf<N extends CommandName> = Extract<Command, { do: N }>;

/** By the name of a command: the fields of its answer. */
export type Results = MeetingResults & FileResults & IdentityResults & ContactResults & BoardResults;
export type ResultOf<N extends CommandName> = N extends keyof Results ? Results[N] : void;

/** Page to worker. */
export type Request = Command & { id: number };
/** Worker to page: the answer to a request, or an event. */
export type Answer =
    | { id: number; ok: true; value?: unknown }
    | { id: number; ok: false; error: CoreErrorName; text: string };
export type FromWorker = Answer | CoreEvent;

/** The names of lib/base's errors without IC_ERR_, in lower case; `failed` for what is none of them. */
export type CoreErrorName =
    | 'state'
    | 'denied'
    | 'not_found'
    | 'limit'
    | 'arg'
    | 'malformed'
    | 'unsupported'
    | 'nomem'
    | 'failed'
    | (string & {});

/** Options of an RTCRtpScriptTransform whose worker is the core's. */
export type TransformOptions =
    | {
          direction: 'send';
          kind: 'audio' | 'video';
          mid: string;
          /** SFrame context: audio 0, camera 1, screen 2, the camera's middle 3 and high layer 4. */
          context: number;
          /** Simulcast: the context of each layer by its rid. */
          layers?: Record<string, number>;
      }
    | { direction: 'receive'; kind: 'audio' | 'video'; mid: string };

export interface Core {
    /** Resolves when the command was taken; rejects with a CoreError. */
    do<C extends Command>(command: C): Promise<ResultOf<C['do']>>;
    /** Calls f at each event of that name; the answer ends that. */
    on<N extends EventName>(name: N, f: (event: EventOf<N>) => void): () => void;
    /** All events, in order. */
    onAny(f: (event: CoreEvent) => void): () => void;
    /** For `sender.transform = core.transform({...})`. */
    transform(options: TransformOptions): RTCRtpScriptTransform;
    /** Ends the worker; its keys are gone. */
    close(): void;
}
