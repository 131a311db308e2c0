// Commands about certificates: whose they are, and whom this browser believes.
import type { Certificate } from '../identity/types';
import { now } from './clock';
import { addRoots, certifiedIdentity, forgetIdentity, importIdentity, listRoots, removeRoot } from './certified';
import type { WorkerFeature } from './features';

/** Between meetings only: the core has one key at a time. */
export const certificates: WorkerFeature = {
    handlers: {
        certificate: ({ wasm }, { leaf }) => {
            const text = wasm.takeText(wasm.call('certificate_of', leaf, now()));
            return (JSON.parse(text) as { certificate?: Certificate }).certificate ?? null;
        },
        identity: ({ wasm }) => certifiedIdentity(wasm),
        identity_import: ({ wasm }, { file }) => importIdentity(wasm, file),
        identity_forget: () => forgetIdentity(),
        roots: ({ wasm }) => listRoots(wasm),
        root_add: ({ wasm }, { kind, file }) => addRoots(wasm, kind, file),
        root_remove: ({ wasm }, { fingerprint }) => removeRoot(wasm, fingerprint),
    },
};
