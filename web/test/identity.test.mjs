// Certificates in a browser: whom it believes, who it is, and what it shows of others.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { assert, test, text, until } from './harness/index.mjs';
import { ROOT } from './harness/programs.mjs';

function certificates(t) {
    const folder = path.join(t.folder, 'certs');
    execFileSync(path.join(ROOT, 'tests/certs/make'), [folder]);
    return (name) => path.join(folder, name);
}

const certified = (file, who) => ['--identity', file(who + '.identity'), '--certificate', file(who + '.pem')];

async function openDialog(page) {
    await page.getByRole('button', { name: text('identity.title') }).click();
    return page.getByRole('dialog', { name: text('identity.title') });
}

async function give(dialog, key, file) {
    await dialog.locator(`input[type=file][aria-label="${text(key)}"]`).setInputFiles(file);
}

async function lookAt(page, name) {
    await page.getByRole('button', { name: text('people.actions', { name }) }).first().click();
    await page.getByRole('menuitem', { name: text('people.certificate') }).click();
    return page.getByRole('dialog', { name: text('certificate.title', { name }) });
}

test('a browser comes by certificate, and shows who vouches for whom by the authorities it believes', async (t) => {
    const file = certificates(t);
    const meeting = await t.meeting({ admission: 'link' });
    const roots = ['--external-roots', file('external-root.pem'), '--internal-roots', file('internal-root.pem')];
    const host = await t.native('Host', meeting, roots, { host: true });
    await t.native('typed', meeting, certified(file, 'ana'));
    const page = await t.page(meeting.url);
    const dialog = await openDialog(page);
    await give(dialog, 'identity.root.external', file('external-root.pem'));
    await dialog.getByText('Ring CA').waitFor();
    await give(dialog, 'identity.own.import', file('ben.both.pem'));
    await dialog.getByText('Ben House').waitFor();
    await t.shot(page, 'dialog');
    await page.keyboard.press('Escape');
    await page.getByText('You come as Ben House').waitFor();
    await t.shot(page, 'prejoin');
    await page.getByRole('button', { name: text('prejoin.join'), exact: true }).click();
    await page.getByRole('button', { name: text('room.leave'), exact: true }).waitFor();
    const { person } = await host.expect('joined', (e) => e.person.name === 'Ben House');
    assert.deepEqual([person.identity, person.vouched_by, person.web], ['internal', 'House', true]);
    await page.getByRole('button', { name: text('people.title') }).first().click();
    await page.getByText(text('people.verified', { name: 'Ring CA' })).first().waitFor();
    const who = await lookAt(page, 'Ana Ring');
    await who.getByText(/Ring CA confirms that this is Ana Ring/).waitFor();
    await who.getByText(text('certificate.fields')).click();
    await who.getByText('ana@ring.example (email)').waitFor();
    await who.getByText('CN=Ring People, O=Ring').first().waitFor();
    await t.shot(page, 'certificate');
});

test('a certificate of an authority that nobody here believes is shown as unverified, and why', async (t) => {
    const file = certificates(t);
    const meeting = await t.meeting({ admission: 'link' });
    await t.native('Host', meeting, [], { host: true });
    const page = await t.page(meeting.url);
    const dialog = await openDialog(page);
    await give(dialog, 'identity.root.external', file('external-root.pem'));
    await dialog.getByText('Ring CA').waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel(text('prejoin.name')).fill('Cyd');
    await page.getByRole('button', { name: text('prejoin.join'), exact: true }).click();
    await page.getByRole('button', { name: text('room.leave'), exact: true }).waitFor();
    await t.native('one', meeting, certified(file, 'ben'));
    await t.native('two', meeting, certified(file, 'eve'));
    await page.getByRole('button', { name: text('people.title') }).first().click();
    for (const name of ['Ben House', 'Ana Ring']) await page.getByRole('button', { name: text('people.actions', { name }) }).waitFor();
    const ben = await lookAt(page, 'Ben House');
    await ben.getByText(/You trust no authority that vouches for it/).waitFor();
    await ben.getByText(text('people.unverified')).first().waitFor();
    await t.shot(page, 'stranger');
    await page.keyboard.press('Escape');
    const eve = await lookAt(page, 'Ana Ring'); // by an authority that only calls itself Ring CA
    await eve.getByText(/it does not hold: .*signature/).waitFor();
    await t.shot(page, 'impostor');
});

test('files that are no identity are refused in words, and an authority can be removed', async (t) => {
    const file = certificates(t);
    const meeting = await t.meeting({ admission: 'link' });
    const page = await t.page(meeting.url);
    const dialog = await openDialog(page);
    const alert = dialog.getByRole('alert');
    const refuses = async (key, name, error) => {
        await give(dialog, key, file(name));
        await until(async () => (await alert.innerText()) === text(error), error);
    };
    await refuses('identity.own.import', 'ana.pem', 'identity.error.identity-no-key');
    await refuses('identity.own.import', 'ana.key', 'identity.error.identity-no-certificate');
    await refuses('identity.root.external', 'ana.pem', 'identity.error.identity-no-authority');
    execFileSync('sh', ['-c', `cat ${file('ana.pem')} ${file('ben.key')} >${file('mixed.pem')}`]);
    await refuses('identity.own.import', 'mixed.pem', 'identity.error.identity-mismatch');
    await dialog.getByText(text('identity.own.none')).waitFor();
    await give(dialog, 'identity.root.internal', file('internal-root.pem'));
    await dialog.getByRole('button', { name: text('identity.root.remove', { name: 'House CA' }) }).click();
    await dialog.getByText(text('identity.roots.none')).waitFor();
});
