// Drawing over a shared screen, and its remote control: a terminal shares an X11 screen of its own (Xvfb), browsers look.
import { spawn, execFileSync } from 'node:child_process';
import { appears, assert, settled, test, text, until } from './harness/index.mjs';

/** An X server, with a program that tells what reaches it. */
async function xServer(t) {
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x720x24', '-nolisten', 'tcp'], {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    t.closers.push(() => server.kill());
    server.on('error', () => undefined);
    const number = await new Promise((resolve) => {
        server.stdio[3].once('data', (d) => resolve(String(d).trim()));
        server.once('error', () => resolve(''));
        server.once('exit', () => resolve(''));
    });
    if (!number) t.skip('no Xvfb');
    const env = { ...process.env, DISPLAY: `:${number}` };
    const xev = spawn('xev', ['-geometry', '1200x680+20+20'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    xev.on('error', () => undefined);
    t.closers.push(() => xev.kill());
    const screen = { display: `:${number}`, heard: '' };
    xev.stdout.on('data', (d) => (screen.heard += d));
    screen.pointer = () => {
        const said = execFileSync('xdotool', ['getmouselocation', '--shell'], { env }).toString();
        return [Number(/X=(\d+)/.exec(said)[1]), Number(/Y=(\d+)/.exec(said)[1])];
    };
    await until(() => /MapNotify/.test(screen.heard), 'a window');
    return screen;
}

const button = (page, key) => page.getByRole('button', { name: text(key), exact: true });
const picture = (page) => page.locator('.screen-picture');

/** The screen is seen, in its own size. */
async function pictured(page) {
    await until(() => picture(page).locator('video').evaluate((v) => v.videoWidth), 'a picture of the screen');
}

async function scene(t, options = []) {
    const x = await xServer(t);
    const meeting = await t.meeting();
    const nora = await t.native('Nora', meeting, ['--screen', `x11:${x.display}`, ...options], {
        host: true,
    });
    const ana = await t.join('Ana', meeting);
    await pictured(ana);
    return { x, meeting, nora, ana };
}

async function at(page, px, py) {
    const box = await settled(picture(page));
    await page.mouse.move(box.x + px * box.width, box.y + py * box.height);
}

async function control(nora, page) {
    await button(page, 'control.ask').click();
    await nora.expect('control_request', (e) => e.grantee.name === 'Ana' && e.sharer.self);
    nora.send('control_grant', {});
    await page.locator('.control-capture').waitFor();
}

test('a browser asks, is granted, and moves, clicks and types on the screen', async (t) => {
    const { x, nora, ana } = await scene(t);
    await control(nora, ana);
    await t.shot(ana, 'granted');
    await at(ana, 0.25, 0.25);
    await at(ana, 0.5, 0.5);
    await until(() => {
        const [px, py] = x.pointer();
        return Math.abs(px - 640) < 8 && Math.abs(py - 360) < 8;
    }, 'the pointer');
    await ana.mouse.down();
    await ana.mouse.up();
    await until(() => /ButtonPress/.test(x.heard) && /ButtonRelease/.test(x.heard), 'the click');
    await ana.keyboard.type('aB');
    await until(() => /KeyPress[^]*keysym 0x61, a/.test(x.heard), 'the key');
    await until(() => /keysym 0x42, B/.test(x.heard), 'a capital');
});

test('Escape gives the screen back, and what was held is let go', async (t) => {
    const { x, nora, ana } = await scene(t);
    await control(nora, ana);
    await at(ana, 0.5, 0.5);
    await ana.keyboard.down('Control');
    await until(() => /KeyPress[^]*Control_L/.test(x.heard), 'Control down');
    await ana.keyboard.press('Escape');
    await nora.expect('control_ended', (e) => e.why === 'released');
    await until(() => /KeyRelease[^]*Control_L/.test(x.heard), 'Control up');
    await ana.locator('.control-capture').waitFor({ state: 'detached' });
});

test('the sharer takes it back at once', async (t) => {
    const { x, nora, ana } = await scene(t);
    await control(nora, ana);
    await at(ana, 0.5, 0.5);
    await until(() => Math.abs(x.pointer()[0] - 640) < 8, 'the pointer');
    nora.send('control_stop');
    await ana.locator('.control-capture').waitFor({ state: 'detached' });
    const before = x.pointer();
    await at(ana, 0.1, 0.1);
    await new Promise((done) => setTimeout(done, 500));
    assert.deepEqual(x.pointer(), before);
    await t.shot(ana, 'taken-back');
});

test('a request can be refused, and the page says so', async (t) => {
    const { nora, ana } = await scene(t);
    await button(ana, 'control.ask').click();
    await nora.expect('control_request');
    const told = appears(ana.getByText(text('control.why.refused', { name: 'Nora' })).first());
    nora.send('control_refuse', {});
    await told;
});

test('a screen that is shared to be seen only is refused with a reason', async (t) => {
    const { ana } = await scene(t, ['--view-only']);
    const told = appears(ana.getByText(text('control.why.session', { name: 'Nora' })).first());
    await button(ana, 'control.ask').click();
    await told;
});

test('what one draws over the screen others see, with a name, and it fades', async (t) => {
    const { meeting, nora, ana } = await scene(t);
    const ben = await t.join('Ben', meeting);
    await pictured(ben);
    await button(ana, 'annotate.draw').click();
    await at(ana, 0.3, 0.3);
    await settled(picture(ben));
    // It fades: whoever looks later looks in vain.
    const seen = ['.annotation-line', '.annotation-name:text-is("Ana")'].map((s) => appears(ben.locator(s)));
    const shown = appears(ben.locator('.annotation-line')).then(() => t.shot(ben, 'annotation'));
    shown.catch(() => {}); // told where it is awaited
    await ana.mouse.down();
    for (const p of [0.4, 0.5, 0.6]) await at(ana, p, 0.3 + (p - 0.3) / 2);
    await ana.mouse.up();
    await Promise.all([...seen, shown]);
    const drawn = await nora.expect('annotation', (e) => e.person.name === 'Ana');
    assert.ok(Math.abs(drawn.points[0] - 0.3 * 65535) < 1500);
    await ben.locator('.annotation-line').waitFor({ state: 'detached' });
});

test('the sharer switches drawing off', async (t) => {
    const { nora, ana } = await scene(t);
    await button(ana, 'annotate.draw').waitFor();
    nora.send('annotation_switch', { on: false });
    await button(ana, 'annotate.draw').waitFor({ state: 'detached' });
});
