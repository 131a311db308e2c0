// Recording on this device, hung into the room.
import { effect } from '@preact/signals';
import { CircleDot } from 'lucide-preact';
import { mayRecord } from '../chat/terms';
import { t } from '../i18n';
import { registerControl, registerFeature, registerKept } from '../room/registry';
import type { Session } from '../room/session';
import { KeptRecordings } from './kept';
import { recorded, recording, startRecording, stopRecording } from './recorder';

let session: Session | null = null;

/** A page that is closed cannot write the file's end. */
function ask(e: BeforeUnloadEvent): void {
    if (recording.peek() !== 'off') e.preventDefault();
}

registerFeature({
    id: 'record',
    start: (s) => {
        session = s;
        recorded.value = [];
        const over = effect(() => {
            if (s.room.phase.value === 'over') void stopRecording();
        });
        addEventListener('beforeunload', ask);
        return () => {
            over();
            removeEventListener('beforeunload', ask);
            session = null;
            void stopRecording();
        };
    },
});
registerControl({
    id: 'record',
    order: 40,
    label: () => t(recording.value === 'on' ? 'record.stop' : 'record.start'),
    icon: CircleDot,
    pressed: () => recording.value === 'on',
    visible: () => mayRecord.value && typeof MediaRecorder === 'function',
    onClick: () => {
        if (recording.peek() === 'on') void stopRecording();
        else if (session) void startRecording(session);
    },
});
registerKept({ id: 'record', order: 10, component: KeptRecordings });
