// A sign-in provider for the tests: oidc-provider with its development pages, where any password will do.
// Takes one JSON object on standard input: {"clients": [...], "people": {"login": {claims}}, "conform": bool}; prints
// {"issuer": "http://127.0.0.1:PORT"} and serves until its input ends.
import http from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const lines = process.stdin[Symbol.asyncIterator]();
const { value: first } = await lines.next();
const { clients, people, conform } = JSON.parse(String(first));

const server = http.createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const provider = new Provider(issuer, {
    clients,
    jwks: { keys: [{ ...key.export({ format: 'jwk' }), kid: 'of-the-test', use: 'sig', alg: 'RS256' }] },
    pkce: { required: () => true, methods: ['S256'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // Whether the address stands in the ID token, or at the userinfo endpoint alone.
    conformIdTokenClaims: conform ?? false,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...(people[sub] ?? {}) }) }),
});
server.on('request', provider.callback());
console.log(JSON.stringify({ issuer }));
while (!(await lines.next()).done);
process.exit(0);
