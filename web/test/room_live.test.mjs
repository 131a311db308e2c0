// The room with the real core, server and a terminal: what the played rooms of the other files cannot show.
import { appears, test, text, until } from './harness/index.mjs';

const shield = (page) => page.locator('.shield');
const control = (page, name) => page.locator(`[data-control=${name}]`);

async function codeOf(page) {
    await shield(page).click();
    await page.locator('.code-groups').waitFor();
    const code = await page.locator('.code-groups').getAttribute('data-code');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    return code;
}

test('a terminal and two browsers: everybody sees everybody, and the same security code', async (t) => {
    const meeting = await t.meeting({ admission: 'link', title: 'Budget round' });
    const ana = await t.native('Ana', meeting, ['--audio', 'test:tone:440', '--video', 'test:ball'], { host: true });
    const ben = await t.join('Ben', meeting);
    const cho = await t.join('Cho', meeting);
    for (const page of [ben, cho])
        for (const name of ['Ana', 'Ben', 'Cho'])
            await page.locator('article.tile').filter({ hasText: name }).first().waitFor();
    const alike = async () => {
        const code = await codeOf(cho);
        return (await codeOf(ben)) === code && ana.last('code').code === code;
    };
    await until(alike, 'the same code in both browsers and in the terminal');
    await until(async () => (await ben.locator('.tile video:not(.video-waits)').count()) > 0, 'a picture of Ana arrives');
    await t.shot(ben, 'three');
    await ben.keyboard.press('p');
    await ben.locator('.person').filter({ hasText: 'Cho' }).getByText(/web client/).waitFor();
    await t.shot(ben, 'people');
});

test('a co-host in a browser: lobby, short code, admit, remove, lock, end for all', async (t) => {
    const meeting = await t.meeting({ admission: 'host' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const ben = await t.join('Ben', meeting, { room: false });
    const waits = await ana.expect('knock', (e) => e.person.name === 'Ben');
    await ben.getByText(waits.short_code).waitFor();
    ana.send('admit', { knock: waits.knock });
    await control(ben, 'leave').waitFor();
    const seen = await ana.expect('joined', (e) => e.person.name === 'Ben');
    const told = appears(ben.locator('.toast').getByText(text('toast.host', { name: 'Ben' })));
    ana.send('host', { leaf: seen.person.leaf });
    await told;
    const cho = await t.join('Cho', meeting, { room: false });
    const line = ben.locator('.lobby-line');
    await line.getByText('Cho').waitFor();
    const short = (await line.locator('.mono').textContent()).trim();
    await cho.getByText(short, { exact: true }).waitFor();
    await t.shot(ben, 'lobby');
    await line.getByRole('button', { name: text('lobby.admit.name', { name: 'Cho' }) }).click();
    await control(cho, 'leave').waitFor();
    await until(async () => (await line.count()) === 0, 'nobody waits any more');

    await control(ben, 'more').click();
    await ben.getByRole('menuitem', { name: text('room.lock') }).click();
    await cho.getByText(text('room.locked')).waitFor();

    await ben.keyboard.press('p');
    await ben.getByRole('button', { name: text('people.actions', { name: 'Cho' }) }).click();
    await ben.getByRole('menuitem', { name: text('people.remove'), exact: true }).click();
    await ben.getByRole('button', { name: text('people.remove.yes'), exact: true }).click();
    await cho.getByRole('heading', { name: text('left.removed') }).waitFor();
    await t.shot(cho, 'removed');

    await ben.keyboard.press('Escape');
    await control(ben, 'leave').click();
    await ben.getByRole('button', { name: text('room.end.all') }).click();
    await ben.getByRole('heading', { name: text('left.ended') }).waitFor();
    await ana.expect('ended');
});

test('a refusal is told to who knocked', async (t) => {
    const meeting = await t.meeting({ admission: 'host' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const ben = await t.join('Ben', meeting, { room: false });
    const waits = await ana.expect('knock', (e) => e.person.name === 'Ben');
    ana.send('refuse', { knock: waits.knock });
    await ben.getByRole('heading', { name: text('refused.title') }).waitFor();
    await ben.getByText(text('refused.refused-by-host')).waitFor();
});

test('comparing the code for real closes the shield', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    await t.native('Ana', meeting, [], { host: true });
    const ben = await t.join('Ben', meeting);
    await shield(ben).getByText(text('shield.compare.one', { name: 'Ana' })).waitFor();
    await shield(ben).click();
    await ben.getByRole('button', { name: text('shield.steps.start'), exact: true }).click();
    await ben.getByRole('button', { name: text('shield.steps.same') }).click();
    await shield(ben).getByText(text('shield.e2ee'), { exact: true }).waitFor();
    await shield(ben).click();
    await ben.getByRole('dialog').getByText('AES-128-GCM').waitFor();
    await t.shot(ben, 'compared');
});

test('a number leads to the door too, and the room says that nothing binds it', async (t) => {
    const meeting = await t.meeting({ admission: 'link' });
    const ana = await t.native('Ana', meeting, [], { host: true });
    const page = await t.page('/');
    await page.getByLabel(text('home.link')).fill(String(meeting.number));
    await page.getByRole('button', { name: text('home.go') }).click();
    await page.getByLabel(text('prejoin.name')).fill('Ben');
    await page.getByRole('button', { name: text('prejoin.join'), exact: true }).click();
    const waits = await ana.expect('knock', (e) => e.person.name === 'Ben');
    ana.send('admit', { knock: waits.knock });
    await page.getByText(text('banner.unbound')).waitFor();
    await t.shot(page, 'unbound');
});

test('a link to a meeting that is not there is told before anybody joins', async (t) => {
    const meeting = await t.meeting();
    const gone = new URL(meeting.url);
    gone.pathname = '/m/AAAAAAAAAAAAAAAAAAAAAA';
    const page = await t.page(gone.href);
    await page.getByRole('heading', { name: text('notfound.title') }).waitFor();
});
