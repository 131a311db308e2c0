// What the page says of itself: a section of the shield's panel, and the page that comes before all others where
// the server offers a changed program.
import { registerBanner, registerFeature, registerShieldSection } from '../room/registry';
import { trustAnswer } from './bundle';
import { RefusedBanner } from './banner';
import { TrustSection } from './section';
import type { Pin, Refusal } from './state';

registerShieldSection({ id: 'bundle', order: 80, component: TrustSection });

/** However slowly a server offers another program, it is said. */
const PATIENCE_MS = 120_000;

export { pinBundle } from './bundle';
export { Refused } from './refused';

export interface RefusalAtStart {
    why: Refusal;
    offered: string;
    pin: Pin;
}

let inMeeting = false;
registerFeature({
    id: 'bundle',
    start: () => {
        inMeeting = true;
        return () => (inMeeting = false);
    },
});

/** A refusal that came too late to be the first page: a line over the room, or by `show` still the whole page. */
export function sayLate(refusal: RefusalAtStart, show: (refusal: RefusalAtStart) => void): void {
    if (inMeeting) registerBanner({ id: 'bundle', order: 10, component: RefusedBanner });
    else show(refusal);
}

/** What the service worker refused at this start, or null. A server that does not answer keeps nobody waiting. */
export async function refusedAtStart(): Promise<RefusalAtStart | null> {
    const answer = await trustAnswer(PATIENCE_MS);
    if (!answer?.pin || answer.verdict.kind !== 'refused') return null;
    return { why: answer.verdict.why, offered: answer.verdict.offered, pin: answer.pin };
}
