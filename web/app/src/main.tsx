/* The page begins here: which page it is follows from the address, what it shows from src/room. */
import { render } from 'preact';
import './styles/index.css';
import { makeCore } from './core/core';
import './room/features';
import { App } from './room/app';
import { makeMedia } from './rtc/media';
import { pinBundle, Refused, refusedAtStart, sayLate, type RefusalAtStart } from './trust';

/** Longer than a server on the way needs to say which program it offers. */
const PATIENCE_MS = 400;

const root = document.getElementById('app');
if (!root) throw new Error('the page has no #app');

const refusal = refusedAtStart();
const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
const first = await Promise.race([refusal, late]);
const start = () => render(<App makers={{ core: makeCore, media: makeMedia }} />, root);
const refuse = (why: RefusalAtStart) => render(<Refused {...why} onGo={start} />, root);
if (first) {
    refuse(first);
} else {
    start();
    void refusal.then((why) => why && sayLate(why, refuse));
}
void pinBundle();
