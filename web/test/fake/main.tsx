/* The page with a core that plays events and media that draw pictures: tests of what people see, without a
 * server. `window.fake` is the test's hand: fake.play({event: ...}), fake.done (the commands so far). */
import { render } from 'preact';
import '../../app/src/styles/index.css';
import { App } from '../../app/src/room/app';
import '../../app/src/contacts';
import { registerControl, registerPanel, registerStage } from '../../app/src/room/registry';
import { FakeCore } from './core';
import { FakeMedia } from './media';
import { fakeFeatures } from './features';

const core = new FakeCore();
const media = new FakeMedia();
fakeFeatures({ registerControl, registerPanel, registerStage }, core);
Object.assign(window, { fake: { core, media, play: core.play.bind(core), done: core.done } });
const root = document.getElementById('app');
if (root) render(<App makers={{ core: () => core, media: () => media }} />, root);
