// Who speaks, from loudness over time. Pure. Whoever has the stage keeps it against coughs: another
// person takes it by being clearly louder for a moment, or when the first has been silent for a
// while.

const SPEAKS = 0.02;
const CLEARLY = 2;
const SILENT_MS = 1500;
const FADE_MS = 600;

interface Voice {
    loud: number;
    heardAt: number;
    spokeAt: number;
    /** Since when they speak without a pause. */
    since: number;
}

export class Speakers {
    private readonly voices = new Map<number, Voice>();
    private speaker: number | null = null;
    private hinted: number | null = null;

    /** level: 0 to 1, linear. */
    heard(leaf: number, level: number, now: number): void {
        const v = this.voices.get(leaf) ?? {
            loud: 0,
            heardAt: now,
            spokeAt: -Infinity,
            since: now,
        };
        v.loud = Math.max(level, v.loud * 0.7);
        v.heardAt = now;
        if (level >= SPEAKS) {
            if (now - v.spokeAt > FADE_MS) v.since = now;
            v.spokeAt = now;
        }
        this.voices.set(leaf, v);
    }

    /** The server's word counts only while nobody is heard here. */
    hint(leaf: number | null): void {
        this.hinted = leaf;
    }

    forget(leaf: number): void {
        this.voices.delete(leaf);
        if (this.speaker === leaf) this.speaker = null;
        if (this.hinted === leaf) this.hinted = null;
    }

    judge(now: number): { speaking: number[]; speaker: number | null } {
        const speaking = [...this.voices]
            .filter(([, v]) => now - v.spokeAt < FADE_MS && now - v.heardAt < FADE_MS)
            .sort(([, a], [, b]) => b.loud - a.loud);
        const loudest = speaking[0];
        if (loudest) this.contend(loudest[0], loudest[1], now);
        else if (this.speaker === null) this.speaker = this.hinted;
        return { speaking: speaking.map(([leaf]) => leaf), speaker: this.speaker };
    }

    private contend(leaf: number, voice: Voice, now: number): void {
        const holder = this.speaker === null ? undefined : this.voices.get(this.speaker);
        const silent = !holder || now - holder.spokeAt > SILENT_MS;
        const louder = holder && voice.loud > holder.loud * CLEARLY && now - voice.since > FADE_MS;
        if (silent || louder) this.speaker = leaf;
    }
}
