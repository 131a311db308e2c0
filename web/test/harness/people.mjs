// People with accounts at a test's server: made by the administrators' API, signed in through the pages.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from './room.mjs';

async function ask(server, method, where, body, token = server.ready.admin_token) {
    const answer = await fetch(server.http + where, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${said}`);
    return said ? JSON.parse(said) : null;
}

/** The administrators' API: admin(t.server, 'PATCH', 'policy', {passwords: true}). */
export const admin = (server, method, where, body) => ask(server, method, `/api/v1/admin/${where}`, body);

let made = 0;

/** {email, name, id, invitation}: a new person of the server's organisation. */
export async function person(server, name) {
    const email = `${name.split(' ')[0].toLowerCase()}${++made}@${server.ready.domain}`;
    const { id, invitation } = await admin(server, 'POST', 'users', { email, name, invite: true });
    return { email, name, id, invitation: invitation.token };
}

/** Another way in for the same person. */
export async function invite(server, who) {
    const { invitation, token } = await admin(server, 'POST', `users/${who.id}/invitation`);
    return invitation?.token ?? token;
}

/** Through the invitation to the account's page. */
export async function signIn(page, server, invitation) {
    await page.goto(`${server.http}/signin#invitation=${invitation}`);
    await page.getByRole('button', { name: text('signin.invitation.go') }).click();
    await page.waitForURL('**/account');
    await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Signed in by the invitation, and certified. */
export async function enrolled(t, who, { invitation = who.invitation, server = t.server, ...options } = {}) {
    const page = await t.page(undefined, options);
    await signIn(page, server, invitation);
    await page.getByRole('button', { name: text('certificate.here.get') }).click();
    await page.getByText(text('certificate.here.done')).first().waitFor();
    return page;
}

/** From an account's page into a room, by certificate. */
export async function enterCertified(page, meeting) {
    await page.goto(meeting.url);
    await page.locator('.with-icon').filter({ hasText: text('identity.as', { name: '', issuer: '' }).slice(0, 8) }).waitFor();
    await page.getByRole('button', { name: text('prejoin.join'), exact: true }).click();
    await page.getByRole('button', { name: text('room.leave'), exact: true }).waitFor();
}

/** The organisation's authority, for people in a terminal: options of `incamera join`. */
export async function believing(t) {
    mkdirSync(t.folder, { recursive: true });
    const file = path.join(t.folder, 'organisation.pem');
    writeFileSync(file, await (await fetch(t.server.http + '/pki/root.pem')).text());
    return ['--internal-roots', file];
}

/** Chromium's own authenticator without a finger: `verify(false)` is the wrong PIN. */
export async function authenticator(page) {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: {
            protocol: 'ctap2',
            transport: 'internal',
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            automaticPresenceSimulation: true,
        },
    });
    return {
        verify: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
        keys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    };
}
