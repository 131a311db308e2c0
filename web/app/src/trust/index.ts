// What the page says of itself: a section of the shield's panel, and the page that comes before all others where
// the server offers a changed program.
import { registerBanner, registerShieldSection } from '../room/registry';
import { trustAnswer } from './bundle';
import { RefusedBanner } from './banner';
import { TrustSection } from './section';
import type { Pin, Refusal } from './state';

registerShieldSection({ id: 'bundle', order: 80, component: TrustSection });

export { pinBundle } from './bundle';
export { Refused } from './refused';

export interface RefusalAtStart {
    why: Refusal;
    offered: string;
    pin: Pin;
}

/** A refusal that came too late to be the first page: a line over the room. */
export function sayRefused(refusal: RefusalAtStart | null): void {
    if (refusal) registerBanner({ id: 'bundle', order: 10, component: RefusedBanner });
}

/** What the service worker refused at this start, or null. A server that does not answer keeps nobody waiting. */
export async function refusedAtStart(): Promise<RefusalAtStart | null> {
    const answer = await trustAnswer();
    if (!answer?.pin || answer.verdict.kind !== 'refused') return null;
    return { why: answer.verdict.why, offered: answer.verdict.offered, pin: answer.pin };
}
