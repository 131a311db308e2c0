// One file: what it is, who shares it, how far it is, and what can be done with it.
import { CircleAlert, Download, File as AnyFile, FileArchive, FileText, Image, Pause, Play, Trash2, X } from 'lucide-preact';
import { t } from '../i18n';
import { attempt } from '../room/actions';
import { useSession } from '../room/session';
import { cx, ICON, IconButton, type Icon } from '../ui';
import { save, show } from './actions';
import type { Row } from './store';
import { sizeWords, stateWords } from './words';

/** Shown by the browser itself, never as a document: no SVG, no HTML. */
const PICTURES = /^image\/(png|jpeg|gif|webp|avif)$/;
const PICTURE_MAX = 16 << 20;

function iconOf(type: string): Icon {
    if (type.startsWith('image/')) return Image;
    if (/zip|tar|compressed/.test(type)) return FileArchive;
    return type.startsWith('text/') || type === 'application/pdf' ? FileText : AnyFile;
}

function Bar({ row }: { row: Row }) {
    const m = row.moving;
    if (!m || m.state === 'failed' || m.state === 'saved') return null;
    const label = t(m.sending ? 'files.progress.sending' : 'files.progress.getting', { name: row.name });
    return <progress class="file-bar" aria-label={label} max={Math.max(row.size, 1)} value={m.done} />;
}

function Ways({ row }: { row: Row }) {
    const session = useSession();
    const m = row.moving;
    const { file, name } = row;
    const busy = m && m.state !== 'failed' && m.state !== 'saved';
    if (busy) {
        const paused = m.state === 'asked';
        return (
            <>
                <IconButton
                    icon={paused ? Play : Pause}
                    label={t(paused ? 'files.resume' : 'files.pause', { name })}
                    tip="none"
                    onClick={() => void attempt(session, { do: paused ? 'file_resume' : 'file_pause', file })}
                />
                <IconButton
                    icon={X}
                    label={t('files.cancel', { name })}
                    tip="none"
                    onClick={() => void attempt(session, { do: 'file_cancel', file })}
                />
            </>
        );
    }
    if (!row.by) return null;
    return (
        <>
            <IconButton
                icon={Download}
                label={t('files.save', { name })}
                tip="none"
                onClick={() => void save(session, row)}
            />
            {(row.own || session.room.isHost.value) && (
                <IconButton
                    icon={Trash2}
                    label={t('files.withdraw', { name })}
                    tip="none"
                    onClick={() => void attempt(session, { do: 'file_withdraw', file })}
                />
            )}
        </>
    );
}

function Picture({ row }: { row: Row }) {
    const session = useSession();
    if (row.picture) return <img class="file-picture" src={row.picture} alt={row.name} />;
    const can = row.by && PICTURES.test(row.type) && row.size <= PICTURE_MAX && !row.moving;
    if (!can) return null;
    return (
        <button type="button" class="file-show" onClick={() => void show(session, row)}>
            {t('files.show')}
        </button>
    );
}

export function Card({ row }: { row: Row }) {
    const I = iconOf(row.type);
    const m = row.moving;
    const failed = m?.state === 'failed';
    const who = row.own ? t('files.you') : row.by;
    return (
        <li class="file" data-file={row.file}>
            <span class="file-icon">
                <I {...ICON} />
            </span>
            <div class="file-text">
                <strong class="file-name">{row.name}</strong>
                <span class="small soft">{[sizeWords(row.size), who].filter(Boolean).join(' · ')}</span>
                <Bar row={row} />
                {m && (
                    <span class={cx('small', 'file-state', failed ? 'danger' : 'soft')}>
                        {failed && <CircleAlert size={14} aria-hidden="true" />}
                        {stateWords(m, row.size)}
                    </span>
                )}
                <Picture row={row} />
            </div>
            <div class="file-ways">
                <Ways row={row} />
            </div>
        </li>
    );
}
