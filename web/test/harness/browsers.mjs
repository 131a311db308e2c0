// Debian's browsers with fake devices. Each page has its own context (a person's browser profile), and everything
// that it complains of is kept: a case fails for what was not allowed.
import { existsSync } from 'node:fs';
import { LIMIT_MS, tries } from './limits.mjs';

const CHROMIUM = process.env.IC_CHROMIUM ?? '/usr/bin/chromium';
const FIREFOX = process.env.IC_FIREFOX ?? '/usr/bin/firefox-esr';
const ARGS = [
    '--use-fake-device-for-media-stream=device-count=3',
    '--autoplay-policy=no-user-gesture-required',
    '--disable-dev-shm-usage',
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    '--disable-backgrounding-occluded-windows',
];

export const haveFirefox = () => existsSync(FIREFOX);
let opened = {};

/** One of each kind; another one where it did not start, or ended. */
function kept(kind, launch) {
    opened[kind] ??= tries(launch).then(
        (one) => {
            const mine = opened[kind];
            one.on('disconnected', () => opened[kind] === mine && delete opened[kind]);
            return one;
        },
        (error) => {
            delete opened[kind];
            throw error;
        },
    );
    return opened[kind];
}

async function chromium(kind, extra) {
    const { chromium } = await import('playwright-core');
    const options = { executablePath: CHROMIUM, args: [...ARGS, ...extra], timeout: 2 * LIMIT_MS };
    return kept(kind, () => chromium.launch(options));
}

/** Permission is given to whoever asks, and a screen is chosen; or, strict, only what the context grants. */
export const browser = (strict = false) =>
    strict ? chromium('strict', []) : chromium('willing', ['--use-fake-ui-for-media-stream']);

async function firefox() {
    const puppeteer = (await import('puppeteer-core')).default;
    const options = {
        browser: 'firefox',
        executablePath: FIREFOX,
        headless: true,
        timeout: 2 * LIMIT_MS,
        extraPrefsFirefox: {
            'media.navigator.streams.fake': true,
            'media.navigator.permission.disabled': true,
            'media.autoplay.default': 0,
            'media.peerconnection.ice.loopback': true,
            'media.peerconnection.ice.obfuscate_host_addresses': false,
        },
    };
    return kept('firefox', () => puppeteer.launch(options));
}

export async function closeBrowsers() {
    const all = Object.values(opened);
    opened = {};
    await Promise.all(all.map(async (one) => (await one).close().catch(() => undefined)));
}

/** What a page said, and what of it nobody allowed. */
export class Complaints {
    constructor() {
        this.lines = [];
        this.faults = [];
        this.allowed = [/favicon\.ico/];
    }

    note(kind, text) {
        this.lines.push(`${kind}: ${text}`);
        if (kind === 'error' || kind === 'exception') this.faults.push(text);
    }

    allow(...patterns) {
        this.allowed.push(...patterns);
    }

    left() {
        return this.faults.filter((text) => !this.allowed.some((pattern) => pattern.test(text)));
    }
}

/** A Chromium page of its own profile. permissions: what is granted without asking; others are refused. */
export async function openPage(complaints, { permissions, context, ...options } = {}) {
    const own = context ?? (await (await browser(permissions !== undefined)).newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-GB',
        ...options,
    }));
    if (!context && permissions?.length) await own.grantPermissions(permissions);
    own.setDefaultTimeout(LIMIT_MS);
    const page = await own.newPage();
    page.on('console', (message) => complaints.note(message.type(), `${message.text()} (${message.location().url})`));
    page.on('pageerror', (error) => complaints.note('exception', error.stack ?? String(error)));
    page.on('crash', () => complaints.note('exception', 'the page crashed'));
    return page;
}

/** A Firefox page, by puppeteer over BiDi: another interface than openPage's. */
export async function openFirefox(complaints) {
    const context = await (await firefox()).createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    page.on('console', (message) => complaints.note('firefox ' + message.type(), message.text()));
    page.on('pageerror', (error) => complaints.note('exception', String(error)));
    return page;
}
