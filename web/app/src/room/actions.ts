// What a person does in the room, said to the core; what does not work is told in words.
import { t } from '../i18n';
import type { Command } from '../core/types';
import { toast } from '../ui';
import type { Session } from './session';

export async function attempt(session: Session, command: Command): Promise<boolean> {
    try {
        await session.core.do(command);
        return true;
    } catch (e) {
        toast(t('toast.failed', { why: e instanceof Error ? e.message : String(e) }), 8000);
        return false;
    }
}

export async function toggleShare(session: Session): Promise<void> {
    await session.media.setScreen(session.media.screen.value.state !== 'on');
}
