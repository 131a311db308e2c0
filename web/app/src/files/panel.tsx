// The side panel's tab of files.
import { Paperclip } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { useSession } from '../room/session';
import { Button } from '../ui';
import { sendAll } from './actions';
import { Card } from './card';
import { markSeen, rows } from './store';

export function FilesPanel() {
    const session = useSession();
    const input = useRef<HTMLInputElement>(null);
    const all = rows.value;
    useEffect(markSeen, [all.length]);
    const chosen = () => {
        const files = [...(input.current?.files ?? [])];
        if (input.current) input.current.value = '';
        void sendAll(session, files);
    };
    return (
        <div class="files">
            <div class="files-head">
                <Button kind="primary" icon={Paperclip} wide onClick={() => input.current?.click()}>
                    {t('files.share')}
                </Button>
                <input
                    ref={input}
                    type="file"
                    multiple
                    hidden
                    data-files="choose"
                    aria-label={t('files.share')}
                    onChange={chosen}
                />
                <p class="small soft">{t('files.hint')}</p>
            </div>
            {all.length > 0 ? (
                <ul class="files-list" aria-label={t('files.title')}>
                    {all.map((row) => (
                        <Card key={row.file} row={row} />
                    ))}
                </ul>
            ) : (
                <p class="files-none soft">{t('files.none')}</p>
            )}
        </div>
    );
}
