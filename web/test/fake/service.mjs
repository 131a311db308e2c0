// The identity service as its contract has it (docs/protocol/identity.md), played for the pages alone: what a test
// changes in `state` is what the next request finds.
const SECOND = 1795000000;

export const ANA = { id: 'u1', email: 'ana@example.org', name: 'Ana Duarte', organisation: 'Example GmbH' };

export function service(more = {}) {
    return {
        asked: [],
        methods: { methods: ['passkey', 'password', 'oidc'], providers: [{ id: 1, name: 'Example login' }] },
        me: { ...ANA, password: true, passkeys: 1, methods: ['passkey', 'password', 'oidc'] },
        passkeys: [
            { id: 'k1', name: 'Laptop', created: SECOND - 8e6, used: SECOND - 1e5 },
            { id: 'k2', name: 'Key in the safe', created: SECOND - 7e6, used: 0 },
        ],
        sessions: [
            { id: 's1', current: true, how: 'passkey', client: 'Chrome 150', created: SECOND, seen: SECOND },
            { id: 's2', current: false, how: 'password', client: 'Firefox 140', created: SECOND - 9e5, seen: SECOND - 8e5 },
        ],
        devices: [
            { id: 'd1', label: 'Chrome 150, In Camera', created: SECOND - 9e4, thumbprint: 'x', revoked: 0 },
            { id: 'd2', label: 'Old phone', created: SECOND - 9e6, thumbprint: 'y', revoked: SECOND - 5e6 },
        ],
        events: [
            { seq: 9, time: SECOND, action: 'signin.passkey', actor: 'user:u1', subject: 'user:u1', detail: { client: 'Chrome 150' } },
            { seq: 8, time: SECOND - 9e4, action: 'certificate.issued', actor: 'user:u1', subject: 'certificate:01', detail: { label: 'Chrome 150, In Camera' } },
            { seq: 7, time: SECOND - 7e6, action: 'passkey.added', actor: 'user:u1', subject: 'user:u1', detail: { name: 'Key in the safe' } },
        ],
        /** By "METHOD path": [status, body], instead of what follows. */
        instead: {},
        token: { token: 'ics_test', expires: SECOND + 9e5, fresh_until: SECOND + 300, known: 'ick_test', user: ANA },
        ...more,
    };
}

const answers = {
    'GET methods': (s) => [200, s.methods],
    'POST signin/password': (s) => [201, s.token],
    'POST signin/invitation': (s) => [201, s.token],
    'POST signout': () => [204, null],
    'GET trust': () => [200, { organisation: 'Example GmbH', roots: [], logs: [], crl: '' }],
    'GET me': (s) => [200, s.me],
    'GET passkeys': (s) => [200, { passkeys: s.passkeys }],
    'GET sessions': (s) => [200, { sessions: s.sessions }],
    'GET devices': (s) => [200, { devices: s.devices }],
    'GET audit': (s) => [200, { events: s.events }],
    'POST password': () => [204, null],
    'POST enrolments': (s) => [201, { token: 'ice_test', expires: SECOND + 600, email: s.me.email, name: s.me.name, directory: '/acme/directory' }],
};

/** Plays it for a page; `state.asked` lists what came: {method, path, body, token}. */
export async function playService(page, state) {
    await page.route('**/api/v1/identity/**', async (route) => {
        const request = route.request();
        const [path] = request.url().split('/api/v1/identity/')[1].split('?');
        const what = `${request.method()} ${path}`;
        const body = request.postDataJSON();
        state.asked.push({ what, body, token: request.headers().authorization });
        let [status, value] = [404, { error: 'not-found', text: 'nothing here' }];
        const list = /^DELETE (passkeys|sessions|devices)\/(.*)$/.exec(what);
        if (state.instead[what]) [status, value] = state.instead[what](state, body);
        else if (answers[what]) [status, value] = answers[what](state, body);
        else if (list) {
            state[list[1]] = state[list[1]].filter((one) => one.id !== list[2]);
            [status, value] = [204, null];
        }
        await route.fulfill({ status, contentType: 'application/json', body: value === null ? '' : JSON.stringify(value) });
    });
}

/** As if this tab had signed in. */
export const signedIn = (page) => page.addInitScript(() => sessionStorage.setItem('ic.session', 'ics_test'));

/** The core's answers to commands, for pages that have no meeting. */
export const coreAnswers = (page, answers) =>
    page.addInitScript((all) => {
        window.answers = all;
    }, answers);

export const CERTIFIED = {
    suite: 2,
    name: 'Ana Duarte',
    subject: 'CN=Ana Duarte, O=Example GmbH',
    issuer: 'Example GmbH',
    not_after: 4102444800,
    fingerprint: 'ab'.repeat(32),
    enrolled: { email: ANA.email, thumbprint: 'x', renew_at: SECOND + 3e5 },
};
export const AUDITED = [
    { index: 3, time: SECOND - 9e4, certificate: 'ab'.repeat(32), known: 'here' },
    { index: 2, time: SECOND - 9e6, certificate: 'cd'.repeat(32), known: 'said' },
];
export const CONTACTS = [{ name: 'Ben Okafor', address: 'ben@example.org', key_hash: '12'.repeat(32), time: SECOND - 4e5 }];
export const REPORT = { fault: '', size: 5120, time: SECOND, entries: AUDITED };
