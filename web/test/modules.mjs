// Where the packages of the page are: tests build parts of it themselves.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function modules() {
    process.env.IC_WEB_MODULES ??= execFileSync(path.join(ROOT, 'tools/web'), ['--packages'], { encoding: 'utf8' }).trim();
    return process.env.IC_WEB_MODULES;
}
