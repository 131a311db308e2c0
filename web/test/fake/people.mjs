// Six people as the core tells them, and short ways to what tests need often.
const hash = (leaf) => String(leaf * 7919 + 13).padStart(64, 'a');

export const person = (leaf, name, more = {}) => ({
    leaf,
    name,
    identity: 'unverified',
    host: false,
    self: false,
    web: true,
    away: false,
    key_hash: hash(leaf),
    vouched_by: '',
    certificate: false,
    ...more,
});
const vouched = (identity, vouched_by) => ({ identity, vouched_by, certificate: true });

export const ANA = person(0, 'Ana Duarte', { self: true, host: true });
export const BEN = person(1, 'Ben Okafor', vouched('external', 'Sectigo'));
export const CHO = person(2, 'Cho Min-ji', { web: false });
export const DAN = person(3, 'Dan Weiß', vouched('internal', 'Universität Bonn'));
export const ELODIE = person(4, 'Élodie Martin');
export const FARID = person(5, 'Farid Rahimi', vouched('external', 'HARICA'));
export const ALL = [ANA, BEN, CHO, DAN, ELODIE, FARID];
export const CODE = '12345 67890 24680 13579 11223 34455 98765 43210';

export const state = (s, epoch = 3) => ({ event: 'state', state: s, words: '', epoch });
export const joined = (p, present = true) => ({ event: 'joined', epoch: 3, person: p, present });
export const code = (epoch = 3, digits = CODE, more = {}) => ({ event: 'code', epoch, code: digits, devices: 4, ...more });
export const knock = (n, name, more = {}) => ({
    event: 'knock',
    knock: n,
    person: person(0, name, more),
    short_code: `48 21${n}`,
    barred: false,
});
export const status = (p, more) => ({
    event: 'status',
    person: p,
    microphone: true,
    camera: true,
    sharing: false,
    recording: false,
    hand: 0,
    opaque: true,
    codecs: ['vp8'],
    ...more,
});

export const LINK = '/m/Zm9vYmFyYmF6cXV4Zm9vMQ#k=abc&s=def';
export const play = (page, ...events) => page.evaluate((list) => window.fake.play(...list), events);
export const done = (page, what) =>
    page.evaluate((name) => window.fake.done.filter((c) => c.do === name), what);

/** Through the page before joining into a room of n people. */
export async function inRoom(page, { people = ALL.slice(0, 4), shield = 'e2ee_compare', sources = false } = {}) {
    await page.fill('input[name=name]', ANA.name);
    if (sources) {
        await page.click('[data-control=camera]');
        await page.click('[data-control=microphone]');
    }
    await page.click('button[type=submit]');
    await play(page, { event: 'connection', up: true, why: '' }, ...people.map((p) => joined(p)), code(), state(shield));
    await page.evaluate(() => {
        for (const leaf of [1, 2, 4, 5]) window.fake.media.sends(leaf, { camera: true });
    });
    await page.locator('.controls').waitFor();
}

/** What the page copies; reading the clipboard is not permitted to it, so a test listens instead. */
export const listen = (page) => page.addInitScript(() => {
    window.copied = '';
    navigator.clipboard.writeText = (text) => {
        window.copied = text;
        return Promise.resolve();
    };
});
export const copied = (page) => page.evaluate(() => window.copied);
