// How long until the page can be used, from the address to the button that knocks.
import { bench, median, text } from './harness/index.mjs';

const ROUNDS = 9;

/** Milliseconds from the start of loading to a page whose name can be typed and whose button can be pressed. */
async function interactive(page, url) {
    await page.goto(url);
    const button = page.getByRole('button', { name: text('prejoin.join'), exact: true });
    await button.click({ trial: true });
    return page.evaluate(() => performance.getEntriesByName('usable')[0].startTime);
}

/** In the page: marks the moment at which the button stands there and a frame was painted with it. */
function watch(label) {
    const look = () => {
        const found = [...document.querySelectorAll('button')].some((b) => b.textContent.trim() === label && !b.disabled);
        if (!found) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => performance.mark('usable')));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true, attributes: true });
}

bench('the room page is interactive', async (t) => {
    const { url } = await t.meeting();
    const first = [];
    const later = [];
    for (let i = 0; i < ROUNDS; i++) {
        const page = await t.page();
        await page.addInitScript(watch, text('prejoin.join'));
        first.push(await interactive(page, url));
        await page.evaluate(() => navigator.serviceWorker.ready);
        await page.goto('about:blank');
        later.push(await interactive(page, url));
        await page.context().close();
    }
    return [
        { name: 'web.page_interactive', value: median(first), unit: 'ms', n: ROUNDS, at_most: 1000 },
        { name: 'web.page_interactive_pinned', value: median(later), unit: 'ms', n: ROUNDS, at_most: 1000 },
    ];
});
