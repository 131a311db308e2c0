// A link leads out of the meeting: that is asked first, with the whole address in sight.
import { t } from '../i18n';
import { copyText } from '../room/details';
import { Button, Dialog } from '../ui';

export function LinkDialog({ link, onClose }: { link: string; onClose: () => void }) {
    const open = () => {
        window.open(link, '_blank', 'noopener,noreferrer');
        onClose();
    };
    return (
        <Dialog
            title={t('chat.link.title')}
            onClose={onClose}
            foot={
                <>
                    <Button
                        kind="quiet"
                        onClick={() => {
                            void copyText(link, t('ui.copied'));
                            onClose();
                        }}
                    >
                        {t('ui.copy')}
                    </Button>
                    <Button kind="primary" onClick={open}>
                        {t('chat.link.open')}
                    </Button>
                </>
            }
        >
            <p>{t('chat.link.text')}</p>
            <p class="chat-address mono">{link}</p>
        </Dialog>
    );
}
