// What the page may ask for, a handler each. A feature's handlers and its ear for events stand in a file of its own
// (worker/<feature>.ts) and are listed in features.ts.
import type { Command, CommandName, CommandOf, CoreEvent, ResultOf } from '../core/types';
import { now } from './clock';
import type { Frames } from './frames';
import { loadIdentity } from './identity';
import { lookAt } from './look';
import { mediaHandlers } from './media';
import type { Meeting } from './meeting';
import type { Wasm } from './wasm';

/** What a handler works with. */
export interface Context {
    readonly wasm: Wasm;
    readonly meeting: Meeting;
    readonly frames: Frames;
    /** wss://this-server/ws */
    readonly socketUrl: string;
    /** To the page, and to the worker's own listeners. */
    tell(event: CoreEvent): void;
}

export type Handler<N extends CommandName> = (
    context: Context,
    command: CommandOf<N>,
) => ResultOf<N> | Promise<ResultOf<N>>;
export type Handlers = { [N in CommandName]?: Handler<N> };

/** icw_<name>(args, now), and what follows from it. */
export function act(c: Context, name: string, ...args: number[]): number {
    const n = c.wasm.call(name, ...args, now());
    c.meeting.pump();
    return n;
}

export const meetingHandlers: Handlers = {
    join: async (c, { link, name, slot }) => {
        const { suite } = await lookAt(c.wasm, link, c.socketUrl);
        const identity = await loadIdentity(c.wasm, suite, slot ?? -1);
        c.meeting.open(link, name, c.socketUrl);
        return { suite, key_hash: identity.keyHash, kept: identity.kept, slot: identity.slot };
    },
    look: (c, { link }) => lookAt(c.wasm, link, c.socketUrl),
    say: (c, { kind, body, transient }) => {
        const [length = 0] = c.wasm.give(body);
        return { number: act(c, 'say', kind, length, transient ? 1 : 0) };
    },
    admit: (c, { knock }) => void act(c, 'admit', knock),
    refuse: (c, { knock }) => void act(c, 'refuse', knock),
    remove: (c, { leaf }) => void act(c, 'remove', leaf),
    host: (c, { leaf }) => void act(c, 'name_host', leaf),
    lock: (c, { on }) => void act(c, 'lock', on ? 1 : 0),
    compared: (c) => void act(c, 'compared'),
    update: (c) => void act(c, 'update'),
    leave: (c) => c.meeting.leave(),
    end: (c) => void act(c, 'end'),
    ...mediaHandlers,
};

export function runCommand(handlers: Handlers, c: Context, command: Command): unknown {
    const handler = handlers[command.do] as Handler<CommandName> | undefined;
    if (!handler) throw new Error('no such command: ' + command.do);
    return handler(c, command as CommandOf<CommandName>);
}
