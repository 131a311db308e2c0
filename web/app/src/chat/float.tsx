// Signs that float up over the room and are gone.
import { t } from '../i18n';
import { floating } from './state';

export function FloatingSigns() {
    return (
        <div class="floating">
            <div aria-hidden="true">
                {floating.value.map((f) => (
                    <span key={f.id} class={`floating-sign floating-${f.id % 5}`}>
                        <span class="floating-emoji">{f.sign}</span>
                        <span class="floating-name">{f.name}</span>
                    </span>
                ))}
            </div>
            <div class="only-heard" role="status" aria-live="polite">
                {floating.value.map((f) => (
                    <span key={f.id}>{t('chat.reacted', { name: f.name, sign: f.sign })}</span>
                ))}
            </div>
        </div>
    );
}
