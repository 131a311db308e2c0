// The whiteboard: what one draws all see, who comes late gets it from a member, and it leaves as a file.
import { readFile } from 'node:fs/promises';
import { assert, becomes, settled, test, text, until } from './harness/index.mjs';

const sheet = (page) => page.locator('.board-surface');
const count = (page) => page.locator('.board-surface [data-id]').count();
const tool = (page, name) =>
    page.getByRole('button', { name: text(`board.tool.${name}`), exact: true }).click();
const button = (page, key) => page.getByRole('button', { name: text(key), exact: true });

async function open(page) {
    await page.getByRole('button', { name: text('room.more'), exact: true }).click();
    await page.locator('[role^=menuitem]', { hasText: text('board.title') }).click();
    await sheet(page).waitFor();
}

async function write(page, words) {
    const field = page.locator('.board-editor');
    await field.fill(words);
    await field.press('Escape');
    await field.waitFor({ state: 'detached' });
}

/** Drags over the sheet, in parts of its size. */
async function drag(page, ...points) {
    const box = await settled(sheet(page));
    const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    await page.mouse.move(...at(points[0]));
    await page.mouse.down();
    for (const p of points.slice(1)) await page.mouse.move(...at(p), { steps: 6 });
    await page.mouse.up();
}

async function sees(page, n) {
    await until(async () => (await count(page)) === n, `${n} elements`);
}

async function digest(page) {
    return page.locator('.board-surface').evaluate((svg) =>
        [...svg.querySelectorAll('[data-id]')]
            .map((g) => g.getAttribute('data-id') + g.innerHTML)
            .join('\n'),
    );
}

/** Who drew has it among what is on its way until it is back: others may see it first. */
async function alike(one, other) {
    await until(async () => (await digest(one)) === (await digest(other)), 'both see the same');
}

async function two(t) {
    const meeting = await t.meeting();
    const nora = await t.native('Nora', meeting, [], { host: true });
    const ana = await t.join('Ana', meeting);
    const ben = await t.join('Ben', meeting);
    for (const page of [ana, ben]) {
        await open(page);
        await becomes(() => page.locator('.tile').count(), 3, 'everybody is there');
    }
    return { meeting, nora, ana, ben };
}

test('two browsers draw, and see the same', async (t) => {
    const { nora, ana, ben } = await two(t);
    await tool(ana, 'pen');
    await drag(ana, [0.1, 0.2], [0.2, 0.4], [0.3, 0.2], [0.4, 0.4]);
    await tool(ben, 'rect');
    await drag(ben, [0.5, 0.2], [0.7, 0.5]);
    await tool(ana, 'ellipse');
    await drag(ana, [0.75, 0.2], [0.95, 0.5]);
    await tool(ben, 'arrow');
    await drag(ben, [0.3, 0.8], [0.6, 0.6]);
    await tool(ana, 'line');
    await drag(ana, [0.1, 0.9], [0.6, 0.9]);
    for (const page of [ana, ben]) await sees(page, 5);
    await alike(ana, ben);
    await nora.expect('board', (e) => e.elements === 5);
    await t.shot(ana, 'board');
});

test('notes and text are written, moved and changed', async (t) => {
    const { ana, ben } = await two(t);
    await tool(ana, 'note');
    await drag(ana, [0.2, 0.2], [0.45, 0.5]);
    await write(ana, 'Bring <b>bread</b> & "milk"');
    await tool(ana, 'text');
    await drag(ana, [0.5, 0.2], [0.9, 0.3]);
    await write(ana, 'Shopping');
    for (const page of [ana, ben]) await sees(page, 2);
    await alike(ana, ben);
    assert.match(await sheet(ben).textContent(), /<b>bread<\/b>/);
    const before = await digest(ben);
    await drag(ana, [0.3, 0.45], [0.35, 0.75]); // the note is in hand: select
    await until(async () => (await digest(ben)) !== before, 'the note moves');
    await alike(ana, ben);
    await t.shot(ben, 'note');
});

test('undo takes back what we did ourselves, redo brings it again', async (t) => {
    const { ana, ben } = await two(t);
    await tool(ana, 'rect');
    await drag(ana, [0.1, 0.1], [0.3, 0.3]);
    await tool(ben, 'rect');
    await drag(ben, [0.5, 0.1], [0.7, 0.3]);
    for (const page of [ana, ben]) await sees(page, 2);
    await button(ana, 'board.undo').click();
    for (const page of [ana, ben]) await sees(page, 1);
    await becomes(() => button(ana, 'board.undo').isDisabled(), true, 'nothing is left to take back');
    await button(ana, 'board.redo').click();
    for (const page of [ana, ben]) await sees(page, 2);
    await sheet(ben).focus();
    await ben.keyboard.press('Control+z');
    for (const page of [ana, ben]) await sees(page, 1);
});

test('who comes late gets the board from a member', async (t) => {
    const { meeting, ana, ben } = await two(t);
    await tool(ana, 'pen');
    for (let i = 0; i < 6; i++) await drag(ana, [0.1 + i / 10, 0.2], [0.12 + i / 10, 0.7]);
    await sees(ben, 6);
    const cem = await t.join('Cem', meeting);
    await open(cem);
    await sees(cem, 6);
    await alike(cem, ana);
    await tool(cem, 'rect');
    await drag(cem, [0.8, 0.8], [0.9, 0.9]);
    for (const page of [ana, ben, cem]) await sees(page, 7);
});

test('the board leaves as SVG and PNG', async (t) => {
    const { ana } = await two(t);
    await tool(ana, 'note');
    await drag(ana, [0.2, 0.2], [0.5, 0.5]);
    await write(ana, '<script>alert(1)</script>');
    await sees(ana, 1);
    const files = {};
    for (const kind of ['svg', 'png']) {
        await button(ana, 'board.save').click();
        const item = ana.getByRole('menuitem', { name: text(`board.save.${kind}`) });
        const [download] = await Promise.all([ana.waitForEvent('download'), item.click()]);
        files[kind] = await readFile(await download.path());
    }
    const svg = files.svg.toString();
    assert.match(svg, /^<svg xmlns/);
    assert.match(svg, /&lt;script&gt;alert/);
    assert.doesNotMatch(svg, /<script/);
    assert.equal(files.png.subarray(1, 4).toString(), 'PNG');
    assert.ok(files.png.length > 1000);
});

test('an image is made small and reaches the others', async (t) => {
    const { ana, ben } = await two(t);
    const png = await ana.evaluate(async () => {
        const canvas = document.createElement('canvas');
        canvas.width = 1600;
        canvas.height = 1200;
        const c = canvas.getContext('2d');
        for (let i = 0; i < 3000; i++) {
            c.fillStyle = `hsl(${(i * 37) % 360} 80% 50%)`;
            c.fillRect((i * 97) % 1600, (i * 61) % 1200, 40, 30);
        }
        const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
        return [...new Uint8Array(await blob.arrayBuffer())];
    });
    await ana.locator('.board input[type=file]').setInputFiles({
        name: 'picture.png',
        mimeType: 'image/png',
        buffer: Buffer.from(png),
    });
    await sees(ben, 1);
    const href = await ben.locator('.board-surface image').getAttribute('href');
    assert.match(href, /^data:image\/jpeg;base64,/);
    assert.ok(href.length < 60000);
    await t.shot(ben, 'image');
});

test('the terminal draws, exports, and everybody sees it', async (t) => {
    const { nora, ana } = await two(t);
    nora.send('board_add', { type: 'note', text: 'from the terminal', x: 800, y: 800 });
    nora.send('board_add', { type: 'pen', x: 0, y: 0, points: [0, 0, 400, 800, 1600, 80], colour: 5 });
    await sees(ana, 2);
    await until(async () => /from the\s*terminal/.test(await sheet(ana).textContent()), 'its words');
    const file = `${t.folder}/board.svg`;
    nora.send('board_export', { path: file });
    await until(async () => /terminal</.test(await readFile(file, 'utf8').catch(() => '')), 'the file');
});

test('keys alone put, move and remove', async (t) => {
    const { ana, ben } = await two(t);
    await tool(ana, 'rect');
    await sheet(ana).focus();
    await ana.keyboard.press('Enter');
    for (const page of [ana, ben]) await sees(page, 1);
    await alike(ana, ben);
    const before = await digest(ben);
    await ana.keyboard.press('PageDown');
    await ana.keyboard.press('ArrowRight');
    await until(async () => (await digest(ben)) !== before, 'it moves');
    await ana.keyboard.press('Delete');
    await sees(ben, 0);
});

test('clear empties it for all, and can be undone', async (t) => {
    const { ana, ben } = await two(t);
    await tool(ana, 'ellipse');
    await drag(ana, [0.2, 0.2], [0.4, 0.5]);
    await sees(ben, 1);
    await button(ben, 'board.save').click();
    await ben.getByRole('menuitem', { name: text('board.clear') }).click();
    await sees(ana, 0);
    await button(ben, 'board.undo').click();
    await sees(ana, 1);
});

test('the board on a phone', async (t) => {
    const meeting = await t.meeting();
    await t.native('Nora', meeting, [], { host: true });
    const page = await t.join('Ana', meeting, { viewport: { width: 390, height: 760 } });
    await open(page);
    await tool(page, 'pen');
    await drag(page, [0.2, 0.3], [0.8, 0.6]);
    await sees(page, 1);
    await button(page, 'board.save').click(); // always in sight
    await page.getByRole('menuitem', { name: text('board.save.svg') }).click({ trial: true });
    await t.shot(page, 'phone');
});
