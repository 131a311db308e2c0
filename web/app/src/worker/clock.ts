// Unix milliseconds that never go back. performance.now() stands still while a machine sleeps, and Date.now() jumps
// when somebody sets the clock: the steady one is taken, and moved forward where the other is ahead of it.
const SLEPT_MS = 1000;
let ahead = 0;

export function now(): number {
    const steady = performance.timeOrigin + performance.now() + ahead;
    const behind = Date.now() - steady;
    if (behind > SLEPT_MS) ahead += behind;
    return Math.floor(behind > SLEPT_MS ? steady + behind : steady);
}
