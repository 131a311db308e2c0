// What somebody needs who looks into a trouble: names, hashes and times; never a key, a link or what was said.
import { t } from '../i18n';
import type { RoomModel } from '../state/model';
import { toast } from '../ui';

export function detailsOf(m: RoomModel): string {
    const own = m.people.find((p) => p.self);
    const facts = {
        state: m.state,
        epoch: m.epoch,
        connection: m.connection,
        ended: m.ended,
        failed: m.failed || undefined,
        clock_offset_ms: m.clockOffset_ms,
        codes: m.codes.map((c) => ({ epoch: c.epoch, code: c.code, devices: c.devices })),
        people: m.people.map((p) => ({
            leaf: p.leaf,
            name: p.name,
            identity: p.identity,
            key_hash: p.key_hash,
            self: p === own,
        })),
        log: m.log.map((l) => ({ ...l, time: new Date(l.time_ms).toISOString() })),
        browser: navigator.userAgent,
    };
    return JSON.stringify(facts, null, 2);
}

export async function copyDetails(m: RoomModel): Promise<void> {
    await copyText(detailsOf(m), t('shield.details.copied'));
}

export async function copyText(text: string, done: string): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
        toast(done);
    } catch (e) {
        toast(t('toast.failed', { why: e instanceof Error ? e.message : String(e) }));
    }
}
