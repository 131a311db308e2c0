// Files in the worker: the page gives a File or a place to write to, and is told what becomes of it. Keys stay here.
import { CoreError } from '../core/error';
import type { CoreEvent } from '../core/types';
import { act, type Context, type Handlers } from './commands';
import type { WorkerFeature } from './features';
import { fetchFile } from './files/fetch';
import { Right } from './files/right';
import { sendFile } from './files/send';
import { Transfer } from './files/transfer';
import { clearLeftovers, target } from './files/target';

const rights = new WeakMap<Context, Right>();
const running = new Map<string, Transfer>();

function rightOf(c: Context): Right {
    let right = rights.get(c);
    if (!right) {
        right = new Right(c);
        rights.set(c, right);
        void clearLeftovers();
    }
    return right;
}

function find(file: string): Transfer {
    const t = running.get(file);
    if (!t) throw new CoreError('not_found', 'it is not on its way');
    return t;
}

/** Until it ends by itself; the answer comes before. */
function run(t: Transfer, work: () => Promise<void>): void {
    running.set(t.info.file, t);
    void t.run(work).finally(() => running.delete(t.info.file));
}

const handlers: Handlers = {
    file_send: async (c, { file }) => {
        const right = rightOf(c);
        const grant = await right.get(AbortSignal.timeout(30000));
        const handle = c.wasm.call('files_send', ...c.wasm.give(file.name, file.type), file.size, grant.piece);
        const t = new Transfer(c, handle, true);
        if (t.about.sealed > grant.file_max) {
            t.drop();
            throw new CoreError('limit', 'the file is larger than this server takes');
        }
        run(t, () => sendFile(c, t, right, file));
        return { file: t.info.file };
    },
    file_get: async (c, { file, handle, preview }) => {
        if (running.has(file)) throw new CoreError('busy', 'it is on its way already');
        const t = new Transfer(c, c.wasm.call('files_get', ...c.wasm.give(file)), false);
        running.set(file, t);
        const to = await target(t.info, handle, preview ?? false);
        run(t, () => fetchFile(c, t, rightOf(c), to, preview ?? false));
    },
    file_pause: (_c, { file }) => find(file).pause(),
    file_resume: (_c, { file }) => find(file).resume(),
    file_cancel: (_c, { file }) => find(file).fail('cancelled', 'cancelled'),
    file_withdraw: (c, { file }) => {
        act(c, 'files_withdraw', ...c.wasm.give(file));
        void rightOf(c).remove(file);
    },
};

/** What arrives for us among all events. */
function heard(c: Context, e: CoreEvent): void {
    if (e.event === 'files_opened') rightOf(c).opened(e.open, e.why);
    else if (e.event === 'connection' && !e.up) rightOf(c).lost();
    else if (e.event === 'state') rightOf(c).state(e.state);
    else if (e.event === 'file_withdrawn') running.get(e.file)?.fail('not-found', 'the file was withdrawn');
    else if (e.event === 'file' && e.person.self) running.get(e.file)?.announced();
    else if (e.event === 'ended') for (const t of running.values()) t.fail('connection', 'the meeting is over');
}

export const files: WorkerFeature = { handlers, heard };
