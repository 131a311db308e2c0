// The client's side of ACME (RFC 8555), as far as a browser needs it: an account, an order for one e-mail address,
// the challenge that is answered with an enrolment token, and the certificate. Requests go to this page's own
// origin, whatever the server calls itself (the policy allows no other); what is signed is the server's own address.
import { CoreError } from '../core/error';
import { toBase64url } from '../account/base64url';
import { sign } from './jws';

const TRIES = 20;
const WAIT_MS = 250;

interface Directory {
    newNonce: string;
    newAccount: string;
    newOrder: string;
}
interface Order {
    status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
    authorizations: string[];
    finalize: string;
    certificate?: string;
}
interface Authorization {
    status: string;
    challenges: { type: string; url: string; status: string }[];
}
interface Answer<T> {
    value: T;
    location: string;
}

/** The same path here. */
function here(url: string): string {
    const { pathname, search } = new URL(url, self.location.href);
    return pathname + search;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, WAIT_MS));

async function problemOf(answer: Response): Promise<{ type: string; detail: string }> {
    const said = (await answer.json().catch(() => ({}))) as { type?: string; detail?: string };
    return { type: said.type ?? '', detail: said.detail ?? answer.statusText };
}

export class Acme {
    private nonce = '';
    private kid = '';
    private directory: Directory | null = null;

    constructor(
        private readonly where: string,
        private readonly keys: CryptoKeyPair,
    ) {}

    /** The chain in PEM for the request that `csr` gives. token: '' for a renewal. */
    async certify(email: string, token: string, csr: () => Uint8Array): Promise<string> {
        await this.enter();
        const { newOrder } = await this.names();
        const identifiers = [{ type: 'email', value: email }];
        const made = await this.post<Order>(newOrder, { identifiers });
        let order = made.value;
        if (order.status === 'pending') {
            for (const url of order.authorizations) await this.prove(url, token);
            order = await this.settled<Order>(made.location, (o) => o.status !== 'pending');
        }
        if (order.status === 'invalid') throw new CoreError('enrol-refused', 'the order is invalid');
        await this.post<Order>(order.finalize, { csr: toBase64url(csr()) });
        order = await this.settled<Order>(made.location, (o) => o.status === 'valid' || o.status === 'invalid');
        if (!order.certificate) throw new CoreError('enrol-refused', 'no certificate came of the order');
        return (await this.post<string>(order.certificate, null)).value;
    }

    private async names(): Promise<Directory> {
        if (!this.directory) {
            const answer = await this.fetch(this.where, {});
            this.directory = (await answer.json()) as Directory;
        }
        return this.directory;
    }

    private async fetch(url: string, init: RequestInit): Promise<Response> {
        try {
            return await fetch(here(url), { cache: 'no-store', credentials: 'omit', redirect: 'error', ...init });
        } catch (e) {
            throw new CoreError('offline', String(e));
        }
    }

    private async enter(): Promise<void> {
        const { newAccount } = await this.names();
        this.kid = (await this.post(newAccount, { termsOfServiceAgreed: true })).location;
        if (!this.kid) throw new CoreError('enrol-refused', 'no account');
    }

    private async prove(url: string, token: string): Promise<void> {
        const { value } = await this.post<Authorization>(url, null);
        if (value.status === 'valid') return;
        const challenge = value.challenges.find((c) => c.type === 'incamera-token-01');
        if (!challenge || !token) throw new CoreError('enrol-gone', 'no challenge that can be met');
        await this.post(challenge.url, { token });
        const done = await this.settled<Authorization>(url, (a) => a.status !== 'pending');
        if (done.status !== 'valid') throw new CoreError('enrol-refused', 'the token was not taken');
    }

    private async settled<T>(url: string, done: (value: T) => boolean): Promise<T> {
        for (let i = 0; i < TRIES; i++) {
            const { value } = await this.post<T>(url, null);
            if (done(value)) return value;
            await pause();
        }
        throw new CoreError('offline', 'the authority takes too long');
    }

    private async freshNonce(): Promise<string> {
        const had = this.nonce;
        this.nonce = '';
        if (had) return had;
        const answer = await this.fetch((await this.names()).newNonce, { method: 'HEAD' });
        const nonce = answer.headers.get('replay-nonce');
        if (!nonce) throw new CoreError('enrol-refused', 'the authority gave no nonce');
        return nonce;
    }

    /** Once more where the nonce was not taken: RFC 8555 section 6.5. */
    private async post<T>(url: string, payload: object | null, again = true): Promise<Answer<T>> {
        const nonce = await this.freshNonce();
        const head = this.kid ? { url, nonce, kid: this.kid } : { url, nonce };
        const answer = await this.fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/jose+json' },
            body: await sign(this.keys, head, payload),
        });
        this.nonce = answer.headers.get('replay-nonce') ?? '';
        if (!answer.ok) {
            const { type, detail } = await problemOf(answer);
            if (again && type.endsWith(':badNonce')) return this.post<T>(url, payload, false);
            throw new CoreError(type.endsWith(':unauthorized') ? 'enrol-gone' : 'enrol-refused', detail);
        }
        const json = /json/.test(answer.headers.get('content-type') ?? '');
        const value = (await (json ? answer.json() : answer.text())) as T;
        return { value, location: answer.headers.get('location') ?? '' };
    }
}
