// What others do, told in a few words and never twice: who came, who went, hands, the lock.
import { effect } from '@preact/signals';
import { t } from '../i18n';
import type { LogEntry } from '../state/model';
import type { Room } from '../state/store';
import { say, toast } from '../ui';
import { identityChange } from './log_words';
import { shieldWords } from './shield_words';

function tell(e: LogEntry, room: Room): void {
    const { name } = e;
    if (e.kind === 'joined' && name !== room.self.peek()?.name) toast(t('toast.joined', { name }));
    else if (e.kind === 'left')
        toast(t(e.what === 'removed-by-host' ? 'toast.removed' : 'toast.left', { name }));
    else if (e.kind === 'terms' && e.what === 'host') toast(t('toast.host', { name }));
    else if (e.kind === 'terms' && e.what === 'unlocked') toast(t('toast.unlocked'));
    else if (e.kind === 'recording' && e.what === 'stopped')
        toast(t('toast.recording.stopped', { name }));
    else if (e.kind === 'identity') toast(identityChange(e));
    else if (e.kind === 'state' && e.what !== 'updating')
        say(shieldWords(room.state.peek(), room.model.peek()));
}

/** Follows a room's log; the answer ends that. */
export function followNotes(room: Room): () => void {
    let last = room.log.peek().at(-1);
    let knocks = room.knocks.peek().length;
    const ends = [
        effect(() => {
            const log = room.log.value;
            const from = last ? log.lastIndexOf(last) + 1 : 0;
            last = log.at(-1);
            for (const e of log.slice(from)) tell(e, room);
        }),
        effect(() => {
            const now = room.knocks.value;
            const newest = now.at(-1);
            if (now.length > knocks && newest && room.isHost.peek())
                say(t('lobby.knocks', { name: newest.person.name }));
            knocks = now.length;
        }),
    ];
    return () => ends.forEach((end) => end());
}
