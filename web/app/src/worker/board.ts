// Board, annotation and control in the worker: web/wasm/glue_board.c.
import { act, type Handlers } from './commands';
import type { WorkerFeature } from './features';

const handlers: Handlers = {
    board_do: (c, { op }) => void act(c, 'board_do', ...c.wasm.give(op)),
    board_clear: (c) => void act(c, 'board_clear'),
    board_undo: (c) => void act(c, 'board_undo'),
    board_redo: (c) => void act(c, 'board_redo'),
    board_svg: (c) => ({ svg: c.wasm.takeText(c.wasm.call('board_svg')) }),
    annotate: (c, { body }) => void act(c, 'annotate', ...c.wasm.give(body)),
    control_request: (c, { leaf }) => void act(c, 'control_request', leaf),
    control_stop: (c) => void act(c, 'control_stop'),
    control_revoke: (c, { leaf }) => void act(c, 'control_revoke', leaf),
    control_input: (c, { body }) => void act(c, 'control_input', ...c.wasm.give(body)),
};

export const board: WorkerFeature = { handlers };
