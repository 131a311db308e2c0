/* The page begins here: which page it is follows from the address, what it shows from src/room. */
import { render } from 'preact';
import './styles/index.css';
import './room/features';
import { App } from './room/app';
import { pinBundle } from './trust/bundle';

const root = document.getElementById('app');
if (!root) throw new Error('the page has no #app');
render(<App />, root);
void pinBundle();
