// Two notes through the chosen loudspeaker, made here: no file is fetched for it.

const NOTES_HZ = [440, 660];
const NOTE_S = 0.25;

export async function playTestSound(speaker: string): Promise<void> {
    const context = new AudioContext();
    const out = context.createMediaStreamDestination();
    const begin = context.currentTime + 0.05;
    NOTES_HZ.forEach((frequency, i) => {
        const at = begin + i * NOTE_S;
        const note = new OscillatorNode(context, { frequency });
        const gain = new GainNode(context, { gain: 0 });
        gain.gain.setTargetAtTime(0.25, at, 0.02);
        gain.gain.setTargetAtTime(0, at + NOTE_S * 0.6, 0.04);
        note.connect(gain).connect(out);
        note.start(at);
        note.stop(at + NOTE_S * 2);
    });
    const audio = new Audio();
    audio.srcObject = out.stream;
    try {
        await useSpeaker(audio, speaker);
        await audio.play();
        await new Promise((done) => setTimeout(done, (NOTES_HZ.length * NOTE_S + 0.6) * 1000));
    } finally {
        audio.srcObject = null;
        void context.close();
    }
}

/** Where this browser cannot choose, or that loudspeaker has gone, the system's plays. */
export async function useSpeaker(audio: HTMLAudioElement, speaker: string): Promise<void> {
    if (!('setSinkId' in audio)) return;
    try {
        await audio.setSinkId(speaker);
    } catch {
        if (speaker) await audio.setSinkId('').catch(() => {});
    }
}
