// Commands about certificates: whose they are, and whom this browser believes.
import type { Certificate } from '../identity/types';
import { now } from './clock';
import { addRoots, certifiedIdentity, forgetIdentity, importIdentity, listRoots, removeRoot } from './certified';
import { CoreError } from '../core/error';
import type { Context } from './commands';
import { enrol, enrolKey, renew } from './enrol';
import type { WorkerFeature } from './features';
import { openStore } from './identity';
import { auditLog, rememberSaid } from './logs';
import { askTrust, forgetTrust } from './service_trust';

/** The core has one key at a time. */
function free<T>({ meeting }: Context, what: () => Promise<T>): Promise<T> {
    if (meeting.isOpen) throw new CoreError('in-meeting', 'not during a meeting');
    return what();
}

/** Between meetings only. */
export const certificates: WorkerFeature = {
    handlers: {
        certificate: ({ wasm }, { leaf }) => {
            const text = wasm.takeText(wasm.call('certificate_of', leaf, now()));
            return (JSON.parse(text) as { certificate?: Certificate }).certificate ?? null;
        },
        identity: ({ wasm }) => certifiedIdentity(wasm),
        identity_import: ({ wasm }, { file }) => importIdentity(wasm, file),
        identity_forget: () => forgetIdentity(),
        enrol_key: (c) => free(c, () => enrolKey()),
        enrol: (c, how) => free(c, () => enrol(c.wasm, how)),
        renew: (c) => free(c, () => renew(c.wasm)),
        log_audit: (c, { email, token }) =>
            free(c, async () => {
                const { logs = [] } = await askTrust();
                return auditLog(c.wasm, await openStore(), { email, token, logs });
            }),
        log_mine: async (_, { certificate }) => rememberSaid(await openStore(), certificate),
        trust_forget: (c) => free(c, async () => forgetTrust(await openStore())),
        roots: ({ wasm }) => listRoots(wasm),
        root_add: ({ wasm }, { kind, file }) => addRoots(wasm, kind, file),
        root_remove: ({ wasm }, { fingerprint }) => removeRoot(wasm, fingerprint),
    },
};
