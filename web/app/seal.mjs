// seal.mjs DIST VERSION KEY BY: gives index.html the hashes of what it loads (subresource integrity) and writes
// DIST/bundle.json: every file with its SHA-256, the version, and the key that may sign the next one.
// The same files give the same bytes: nothing of the time, the machine or the folder gets in.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const [dist, version, key, by] = process.argv.slice(2);
if (!dist || !version || !key || !by) throw new Error('seal.mjs DIST VERSION KEY BY');

function filesIn(folder) {
    return readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        return statSync(path).isDirectory() ? filesIn(path) : [path];
    });
}

const pathOf = (file) => {
    const path = '/' + relative(dist, file).split(sep).join('/');
    return path === '/index.html' ? '/' : path;
};
const digest = (name, bytes, form) => createHash(name).update(bytes).digest(form);

function withIntegrity(html) {
    return html.replace(/<(script|link)\b([^>]*?)\s(src|href)="(\/[^"]+)"([^>]*)>/g, (tag, name, before, attr, path, after) => {
        if (name === 'link' && !/rel="(stylesheet|modulepreload)"/.test(before + after)) return tag;
        const hash = digest('sha384', readFileSync(join(dist, path)), 'base64');
        return `<${name}${before} ${attr}="${path}" integrity="sha384-${hash}"${after}>`;
    });
}

const page = join(dist, 'index.html');
writeFileSync(page, withIntegrity(readFileSync(page, 'utf8')));

const files = {};
const found = filesIn(dist).filter((file) => !/[/\\]bundle\.(json|sig)$/.test(file));
for (const file of found.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1)))
    files[pathOf(file)] = digest('sha256', readFileSync(file), 'hex');
writeFileSync(join(dist, 'bundle.json'), JSON.stringify({ format: 1, version, by, key, files }, null, 2) + '\n');
