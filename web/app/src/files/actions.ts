// What a person does with files, said to the core.
import { t } from '../i18n';
import { attempt } from '../room/actions';
import type { Session } from '../room/session';
import { openPanel } from '../room/view';
import { toast } from '../ui';
import { choosePlace } from './save';
import { asked, forget, type Row } from './store';

/** The largest file: 2 GiB. */
export const SIZE_MAX = 2 * 1024 ** 3;

export async function sendAll(session: Session, files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    openPanel('files');
    for (const file of files) {
        if (file.size > SIZE_MAX) toast(t('files.toolarge', { name: file.name }), 8000);
        else await attempt(session, { do: 'file_send', file });
    }
}

export async function save(session: Session, row: Row): Promise<void> {
    const handle = await choosePlace(row.name);
    if (handle === null) return;
    asked(row);
    const to = handle ? { handle } : {};
    if (!(await attempt(session, { do: 'file_get', file: row.file, ...to }))) forget(row);
}

export async function show(session: Session, row: Row): Promise<void> {
    asked(row);
    if (!(await attempt(session, { do: 'file_get', file: row.file, preview: true }))) forget(row);
}
