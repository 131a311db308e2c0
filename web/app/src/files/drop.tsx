// Files that are dragged over the room: where they may fall is said, and they do not open in the browser instead.
import { Paperclip } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { useSession } from '../room/session';
import { ICON } from '../ui';
import { sendAll } from './actions';

function hasFiles(e: DragEvent): boolean {
    return e.dataTransfer?.types.includes('Files') ?? false;
}

export function FilesDrop() {
    const session = useSession();
    const [over, setOver] = useState(false);
    useEffect(() => {
        const drag = (e: DragEvent) => {
            if (!hasFiles(e)) return;
            e.preventDefault();
            setOver(true);
        };
        const leave = (e: DragEvent) => {
            if (!e.relatedTarget) setOver(false);
        };
        const drop = (e: DragEvent) => {
            setOver(false);
            // Who takes it otherwise (a picture for the board) has said so.
            if (!hasFiles(e) || e.defaultPrevented) return;
            e.preventDefault();
            void sendAll(session, [...(e.dataTransfer?.files ?? [])]);
        };
        window.addEventListener('dragover', drag);
        window.addEventListener('dragleave', leave);
        window.addEventListener('drop', drop);
        return () => {
            window.removeEventListener('dragover', drag);
            window.removeEventListener('dragleave', leave);
            window.removeEventListener('drop', drop);
        };
    }, [session]);
    if (!over) return null;
    return (
        <div class="files-drop" aria-hidden="true">
            <Paperclip {...ICON} />
            {t('files.drop')}
        </div>
    );
}
