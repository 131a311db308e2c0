// A provider of OpenID Connect: discovery, a page with one button, codes that hold once and only with the verifier
// that fits (PKCE S256), ID tokens signed by ES256. Whom it lets in: `provider.who`.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';

const b64 = (value) => Buffer.from(value).toString('base64url');

export class Provider {
    constructor() {
        this.codes = new Map();
        const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        this.key = privateKey;
        this.jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' };
        /** {sub, email} */
        this.who = null;
        this.client = { id: 'incamera', secret: randomBytes(16).toString('hex') };
    }

    async open() {
        this.server = createServer((q, a) => void this.#answer(q, a));
        await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        this.issuer = `http://127.0.0.1:${this.server.address().port}`;
        return this;
    }

    #json(a, value, status = 200) {
        a.writeHead(status, { 'content-type': 'application/json' });
        a.end(JSON.stringify(value));
    }

    async #answer(q, a) {
        const url = new URL(q.url, this.issuer);
        if (url.pathname === '/.well-known/openid-configuration') return this.#json(a, this.#discovery());
        if (url.pathname === '/keys') return this.#json(a, { keys: [this.jwk] });
        if (url.pathname === '/authorize') return this.#authorize(url, a);
        let body = '';
        for await (const part of q) body += part;
        return this.#token(q, new URLSearchParams(body), a);
    }

    #discovery() {
        return {
            issuer: this.issuer,
            authorization_endpoint: this.issuer + '/authorize',
            token_endpoint: this.issuer + '/token',
            jwks_uri: this.issuer + '/keys',
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['ES256'],
            code_challenge_methods_supported: ['S256'],
            authorization_response_iss_parameter_supported: true,
        };
    }

    #authorize(url, a) {
        const asked = Object.fromEntries(url.searchParams);
        const code = randomBytes(16).toString('hex');
        this.codes.set(code, asked);
        const back = (pairs) => asked.redirect_uri + '?' + new URLSearchParams({ ...pairs, state: asked.state, iss: this.issuer });
        const escape = (s) => s.replace(/&/g, '&amp;');
        a.writeHead(200, { 'content-type': 'text/html' });
        a.end(`<!doctype html><title>Provider</title><link rel="icon" href="data:,">
            <a href="${escape(back({ code }))}">Let me in</a> <a href="${escape(back({ error: 'access_denied' }))}">No</a>`);
    }

    #token(q, body, a) {
        const asked = this.codes.get(body.get('code'));
        this.codes.delete(body.get('code'));
        const challenge = createHash('sha256').update(body.get('code_verifier') ?? '').digest('base64url');
        const basic = 'Basic ' + Buffer.from(`${this.client.id}:${this.client.secret}`).toString('base64');
        const fits = asked && asked.code_challenge_method === 'S256' && challenge === asked.code_challenge;
        if (!fits || q.headers.authorization !== basic || body.get('redirect_uri') !== asked.redirect_uri)
            return this.#json(a, { error: 'invalid_grant' }, 400);
        return this.#json(a, { token_type: 'Bearer', access_token: 'none', id_token: this.#idToken(asked.nonce) });
    }

    #idToken(nonce) {
        const now = Math.floor(Date.now() / 1000);
        const claims = { iss: this.issuer, aud: this.client.id, iat: now, exp: now + 60, auth_time: now, nonce, email_verified: true, ...this.who };
        const text = `${b64(JSON.stringify({ alg: 'ES256', kid: 'k1' }))}.${b64(JSON.stringify(claims))}`;
        return `${text}.${sign('sha256', Buffer.from(text), { key: this.key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    }

    close() {
        this.server.closeAllConnections?.();
        this.server.close();
    }
}
