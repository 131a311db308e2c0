// Two soft notes when the shield changes: rising when it closes, falling when it opens or is cut off.
import { effect } from '@preact/signals';
import type { ShieldState } from '../core/types';
import { tones } from '../state/prefs';
import type { Room } from '../state/store';

const GOOD: readonly ShieldState[] = ['e2ee', 'e2ee_compare'];
const BAD: readonly ShieldState[] = ['cut_off', 'server_only', 'reconnecting'];

/** What to play for a change; null: a change that nobody needs to hear. */
export function toneOf(from: ShieldState, to: ShieldState): 'rising' | 'falling' | null {
    if (BAD.includes(to) && !BAD.includes(from)) return 'falling';
    if (GOOD.includes(to) && !GOOD.includes(from)) return 'rising';
    return null;
}

let context: AudioContext | undefined;

function note(audio: AudioContext, hz: number, at: number): void {
    const wave = audio.createOscillator();
    const gain = audio.createGain();
    wave.type = 'sine';
    wave.frequency.value = hz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.06, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.28);
    wave.connect(gain).connect(audio.destination);
    wave.start(at);
    wave.stop(at + 0.3);
}

function play(which: 'rising' | 'falling'): void {
    if (!('AudioContext' in globalThis)) return;
    context ??= new AudioContext();
    const [low, high] = [440, 587.33];
    const now = context.currentTime + 0.02;
    note(context, which === 'rising' ? low : high, now);
    note(context, which === 'rising' ? high : low, now + 0.14);
}

/** Follows a room's shield; the answer ends that. "Updating" is no change. */
export function followTones(room: Room): () => void {
    let before = room.state.peek();
    return effect(() => {
        const now = room.state.value;
        if (now === 'updating' || now === before) return;
        const which = toneOf(before, now);
        before = now;
        if (which && tones.peek()) play(which);
    });
}
