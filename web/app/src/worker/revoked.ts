// What makes somebody's state change in mid-meeting: the authority's list of revoked certificates, looked at on entry
// and then four times a minute, and proofs that its logs owe, fetched when the core asks.
import type { CoreEvent, EventOf } from '../core/types';
import { now } from './clock';
import type { Context } from './commands';
import type { WorkerFeature } from './features';
import { renewInMeeting, TABS } from './enrol';
import { comesCertified, openStore, type KeyStore } from './identity';
import { askProof, keepHeads } from './logs';
import { trustIn } from './service_trust';
import type { Wasm } from './wasm';

const EVERY_MS = 15_000;
const PATIENCE_MS = 3000;
const CRL_MAX = 4 << 20;

/** The newest lists that this browser saw: whoever forgets them takes an older one for the newest. */
const LISTS = 'revoked';

async function keepLists(wasm: Wasm, store: KeyStore): Promise<void> {
    const lists: Uint8Array<ArrayBuffer>[] = [];
    for (let n; (n = wasm.call('crl_list', lists.length)) > 0; ) lists.push(wasm.take(n));
    await store.put(LISTS, lists);
}

/** Before any list of the service: those of authorities that are believed no more are passed over. */
export async function recallRevoked(wasm: Wasm, store: KeyStore): Promise<void> {
    const lists = ((await store.get(LISTS)) as Uint8Array<ArrayBuffer>[] | undefined) ?? [];
    for (const der of lists) wasm.raw('crl_add', ...wasm.give(der), now());
}

/** Nothing that comes late or not at all keeps anybody from a meeting. */
export async function loadRevoked(wasm: Wasm, store: KeyStore): Promise<boolean> {
    const crl = (await trustIn(store))?.crl;
    if (!crl) return false;
    try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const answer = await fetch(crl, { cache: 'no-cache', credentials: 'omit', signal });
        const der = new Uint8Array(await answer.arrayBuffer());
        if (!answer.ok || der.length > CRL_MAX) return false;
        if (wasm.call('crl_add', ...wasm.give(der), now()) === 0) return false;
        await keepLists(wasm, store);
        return true;
    } catch (error) {
        console.warn('no list of revoked certificates', error);
        return false;
    }
}

let timer: ReturnType<typeof setInterval> | undefined;
let tabs: BroadcastChannel | undefined;

async function look({ wasm, meeting }: Context): Promise<void> {
    const store = await openStore();
    await loadRevoked(wasm, store);
    if (comesCertified() && meeting.isOpen) await renewInMeeting(wasm, store);
    if (meeting.isOpen) meeting.pump();
}

/** No answer is an answer too: the core waits, and then says that the log withholds. */
async function prove({ wasm, meeting }: Context, ask: EventOf<'log_ask'>): Promise<void> {
    try {
        const parts = wasm.give(...(await askProof(ask)));
        wasm.raw('logs_prove', parts.reduce((a, b) => a + b, 0), ask.first, ask.second, now());
        if (meeting.isOpen) meeting.pump();
    } catch (error) {
        console.warn('the log gives no proof', error);
    }
}

export const revoked: WorkerFeature = {
    heard(context: Context, event: CoreEvent) {
        if (event.event === 'joined' && event.person.self && timer === undefined) {
            const again = () => void look(context).catch((e: unknown) => console.warn('identities', e));
            timer = setInterval(again, EVERY_MS);
            tabs = new BroadcastChannel(TABS);
            tabs.onmessage = again;
            again();
        }
        if (event.event === 'log_ask') void prove(context, event);
        if (event.event === 'log_keep') void openStore().then((store) => keepHeads(context.wasm, store));
        if (event.event === 'ended' || event.event === 'refused') {
            clearInterval(timer);
            timer = undefined;
            tabs?.close();
        }
    },
};
