// Knocked: who was told, the short code to read out, leave. Nothing moves, nothing nags.
import { t } from '../../i18n';
import { Button } from '../../ui';
import { Frame } from '../frame';
import { useSession } from '../session';
import { ShieldButton } from '../shield';

export function Waiting({ onLeave }: { onLeave: () => void }) {
    const { room } = useSession();
    const m = room.model.value;
    const offline = !m.connection.up && m.connection.since_ms > 0;
    const part =
        m.phase === 'connecting' ? 'connecting' : m.state === 'waiting_host' ? 'host' : 'lobby';
    const title = t(part === 'connecting' ? 'waiting.connecting' : `waiting.${part}`);
    return (
        <Frame title={title}>
            <div class="card stack waiting">
                <ShieldButton />
                <div role="status" class="stack">
                    <h1>{title}</h1>
                    <p class="soft">{offline ? t('waiting.offline') : t(`waiting.${part}.text`)}</p>
                </div>
                {m.shortCode && (
                    <dl class="short-code">
                        <dt class="field-label">{t('waiting.code')}</dt>
                        <dd class="mono">{m.shortCode}</dd>
                        <dd class="field-hint">{t('waiting.code.hint')}</dd>
                    </dl>
                )}
                <div>
                    <Button onClick={onLeave}>{t('waiting.leave')}</Button>
                </div>
            </div>
        </Frame>
    );
}
