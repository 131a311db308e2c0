// What a case gets: a server, meetings, people in terminals and in browsers, and screenshots. All of it ends with
// the case, but for the server, which the cases share.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Complaints, openFirefox, openPage } from './browsers.mjs';
import { Line } from './line.mjs';
import { Native, ROOT, Server, startWeb } from './programs.mjs';
import { enterRoom } from './room.mjs';
import { Site } from './site.mjs';

export const SHOTS = path.join(ROOT, 'build/web/shots');
export const WORK = path.join(ROOT, 'build/web/test');

export class Skipped extends Error {}

const fileName = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');

export class Case {
    constructor(file, name, server) {
        this.label = fileName(`${file} ${name}`).slice(0, 100);
        this.folder = path.join(WORK, this.label);
        this.server = server;
        this.complaints = new Complaints();
        this.pages = [];
        this.closers = [];
        this.started = Date.now();
        this.natives = 0;
    }

    /** Errors on the console that this case expects: regular expressions. */
    allow(...patterns) {
        this.complaints.allow(...patterns);
    }

    skip(why) {
        throw new Skipped(why);
    }

    /** A server of this case alone, to stop, kill and start again. */
    async ownServer(options = []) {
        const server = await new Server(path.join(this.folder, `server-${this.closers.length}`), options).start();
        this.closers.push(() => server.kill());
        return server;
    }

    /** {url, number, identity}. admission: 'link' (whoever has it) or 'host' (a host lets people in). */
    meeting(options = {}) {
        return (options.server ?? this.server).meeting({ title: 'Test meeting', ...options });
    }

    /** Somebody in a terminal, who is in. options: of `incamera join`; host: true takes the host's device. */
    async native(name, meeting, options = [], { host = false, enter = true } = {}) {
        const identity = host ? meeting.identity : path.join(this.folder, `identity-${++this.natives}`);
        mkdirSync(this.folder, { recursive: true });
        const person = new Native(this.folder, name, meeting.url, ['--identity', identity, ...options]);
        this.closers.push(() => person.kill());
        if (enter) await person.enter();
        return person;
    }

    /** A line to the server that can be cut: open pages through it by `line.link(meeting.url)`. */
    async line(server = this.server) {
        const line = await new Line(server.http).open();
        this.closers.push(() => line.close());
        return line;
    }

    /** A server with pages of its own making: `site.change()`, `site.write('sw.js', ...)`. */
    async site(server = this.server) {
        const site = await new Site(server.http, path.join(this.folder, `site-${this.closers.length}`)).open();
        this.closers.push(() => site.close());
        return site;
    }

    /** `incamera web`: {http, url, pages}. args: a link, --server URL. */
    async web(args) {
        const web = await startWeb(this.folder, args);
        this.closers.push(() => web.child.kill('SIGKILL'));
        return web;
    }

    /** A Chromium page in a profile of its own (or in `context`), at an address where one is given. */
    async page(url, options = {}) {
        const page = await openPage(this.complaints, options);
        this.pages.push(page);
        if (!options.context) this.closers.push(() => page.context().close());
        if (url) await page.goto(url.startsWith('/') ? this.server.http + url : url);
        return page;
    }

    /** A page that went through the page before joining, and is in the room (or its lobby: room: false). */
    async join(name, meeting, options = {}) {
        const { room = true, microphone, camera, ...rest } = options;
        const page = await this.page(meeting.url ?? meeting, rest);
        await enterRoom(page, name, { room, microphone, camera });
        return page;
    }

    async firefox(url) {
        const page = await openFirefox(this.complaints);
        this.pages.push(page);
        this.closers.push(() => page.browserContext().close());
        if (url) await page.goto(url);
        return page;
    }

    /** build/web/shots/<file>-<case>-<name>.png */
    async shot(page, name = 'shot') {
        mkdirSync(SHOTS, { recursive: true });
        const file = path.join(SHOTS, `${this.label}-${fileName(name)}.png`);
        await page.screenshot({ path: file });
        return file;
    }

    async keepTraces() {
        let n = 0;
        for (const page of this.pages) await this.shot(page, `failed-${++n}`).catch(() => undefined);
        mkdirSync(SHOTS, { recursive: true });
        writeFileSync(path.join(SHOTS, `${this.label}-console.log`), this.complaints.lines.join('\n') + '\n');
    }

    /** Console errors and policy violations that were not allowed fail the case. */
    check() {
        const left = this.complaints.left();
        if (left.length) throw new Error('the page complained:\n' + left.join('\n'));
    }

    async close() {
        for (const close of this.closers.reverse()) await (async () => close())().catch(() => undefined);
    }
}
