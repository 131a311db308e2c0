// How long something may take that takes a moment. Machines differ, and others work on them too: these limits end what
// hangs, and are no measure of anything.
export const LIMIT_MS = 30_000;
export const CASE_MS = 120_000;
export const START_TRIES = 3;

/** What is started outside of the program under test may fail once: a browser, a port that somebody else has. */
export async function tries(start, n = START_TRIES) {
    for (let i = 1; ; i++) {
        try {
            return await start();
        } catch (error) {
            if (i >= n) throw error;
            await new Promise((resolve) => setTimeout(resolve, 1000 * i));
        }
    }
}
