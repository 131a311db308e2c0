// Contacts in IndexedDB, and as pins in the core: name, address and key of people who were compared by code.
import type { Contact } from '../contacts/types';
import { CoreError } from '../core/error';
import { now } from './clock';
import type { Context } from './commands';
import type { WorkerFeature } from './features';
import { openStore, type KeyStore } from './identity';
import type { Wasm } from './wasm';

const CONTACTS = 'contacts';
const MOST = 4096;
const TEXT_MAX = 64; // IC_MEETING_NAME_MAX

const list = async (store: KeyStore) => ((await store.get(CONTACTS)) as Contact[] | undefined) ?? [];

const hashOf = (hex: string) =>
    Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Each: length and bytes of name and address, then 32 bytes. */
function encoded(all: readonly Contact[]): Uint8Array {
    const encoder = new TextEncoder();
    const parts = all.flatMap(({ name, address, key_hash }) => {
        const texts = [name, address].map((s) => encoder.encode(s));
        if (texts.some((b) => b.length > TEXT_MAX)) return [];
        return [...texts.flatMap((b) => [b.length, ...b]), ...hashOf(key_hash)];
    });
    return Uint8Array.from(parts);
}

/** Before a meeting, and during one after a change. */
export async function loadPins(wasm: Wasm, store: KeyStore): Promise<void> {
    const all = await list(store);
    wasm.call('pins', ...wasm.give(encoded(all)), now());
}

async function change(c: Context, how: (all: Contact[]) => Contact[]): Promise<Contact[]> {
    const store = await openStore();
    const next = how(await list(store));
    if (next.length > MOST) throw new CoreError('limit', 'too many contacts');
    await store.put(CONTACTS, next);
    await loadPins(c.wasm, store);
    c.meeting.pump();
    return next;
}

export const contacts: WorkerFeature = {
    handlers: {
        contacts: async () => list(await openStore()),
        contacts_add: (c, { people }) =>
            change(c, (all) => {
                const time = Math.floor(now() / 1000);
                const known = people.map(({ name, address = '', key_hash }) => ({ name, address, key_hash, time }));
                const replaced = (a: Contact) =>
                    known.some((b) => b.key_hash === a.key_hash || (b.name === a.name && b.address === a.address));
                return [...all.filter((a) => !replaced(a)), ...known];
            }),
        contacts_remove: (c, { key_hash }) => change(c, (all) => all.filter((a) => a.key_hash !== key_hash)),
    },
};
