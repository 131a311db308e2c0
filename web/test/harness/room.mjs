// The steps that every person in a browser takes, by the names that people read and hear: i18n/en.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './programs.mjs';

const folder = path.join(ROOT, 'web/app/src/i18n/en');
const texts = Object.assign({}, ...readdirSync(folder).map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'))));

/** The English text of a key, with its {places} filled in. */
export function text(key, fields = {}) {
    if (!(key in texts)) throw new Error('no text ' + key);
    return texts[key].replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all);
}

/** From the page before joining into the room, or with room: false as far as the lobby. */
export async function enterRoom(page, name, { room = true } = {}) {
    await page.getByLabel(text('prejoin.name')).fill(name);
    await page.getByRole('button', { name: text('prejoin.join'), exact: true }).click();
    if (room) await page.getByRole('button', { name: text('room.leave'), exact: true }).waitFor();
}
