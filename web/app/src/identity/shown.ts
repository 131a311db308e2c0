// What the core says of a certificate, as the viewer shows it.
import type { Core } from '../core/types';
import type { Certificate as Shown } from '../room/certificate_types';
import type { Certificate } from './types';

const seconds = (time: string) => Date.parse(time) / 1000;

/** Reasons that have a sentence of their own. */
const SAID = ['expired', 'revoked', 'not-logged', 'log-fork', 'log-withholds'] as const;

function stateOf(c: Certificate): Shown['state'] {
    if (c.state !== 'unverified') return 'verified';
    if (c.reason === 'no-root') return 'stranger';
    return SAID.find((s) => s === c.reason) ?? 'invalid';
}

export async function certificateOf(core: Core, leaf: number): Promise<Shown | null> {
    const c = await core.do({ do: 'certificate', leaf });
    if (!c) return null;
    const times = (n: { not_before: string; not_after: string }) => ({
        not_before: seconds(n.not_before),
        not_after: seconds(n.not_after),
    });
    return {
        ...c,
        ...times(c),
        state: stateOf(c),
        reason: c.reason_text,
        chain: c.chain.map((n) => ({ ...n, ...times(n) })),
    };
}
