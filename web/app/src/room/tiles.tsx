// Everybody: as a grid, or as a strip beside the stage. The order is that of entry, ourselves last; nobody jumps.
import { ChevronLeft, ChevronRight, Link } from 'lucide-preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import type { Member } from '../state/model';
import { Button, IconButton } from '../ui';
import { copyText } from './details';
import { fit, pageSize } from './grid';
import { useSession } from './session';
import { useSize } from './size';
import { Tile } from './tile';

const GAP = 8;

export function inOrder(people: readonly Member[]): readonly Member[] {
    return [...people.filter((p) => !p.self), ...people.filter((p) => p.self)];
}

export function Grid() {
    const { room } = useSession();
    const { ref, width, height } = useSize<HTMLDivElement>();
    const [page, setPage] = useState(0);
    const all = inOrder(room.people.value);
    const size = pageSize(width, height);
    const pages = Math.max(1, Math.ceil(all.length / size));
    const now = Math.min(page, pages - 1);
    const shown = all.slice(now * size, now * size + size);
    const alone = all.length === 1;
    useLayoutEffect(() => {
        const f = fit(shown.length, width, height, GAP);
        ref.current?.style.setProperty('--tile-w', `${f.width}px`);
        ref.current?.style.setProperty('--tile-h', `${f.height}px`);
    }, [shown.length, width, height]);
    return (
        <section class="grid-room" aria-label={t('room.tiles')}>
            <div class="grid" ref={ref}>
                {width > 0 && shown.map((p) => <Tile key={p.key_hash} member={p} rank={1} />)}
            </div>
            {alone && <Alone />}
            {pages > 1 && (
                <nav class="grid-pages" aria-label={t('room.page', { n: now + 1, all: pages })}>
                    <IconButton
                        icon={ChevronLeft}
                        label={t('room.page.previous')}
                        disabled={now === 0}
                        onClick={() => setPage(now - 1)}
                    />
                    <span aria-hidden="true">{t('room.page', { n: now + 1, all: pages })}</span>
                    <IconButton
                        icon={ChevronRight}
                        label={t('room.page.next')}
                        disabled={now === pages - 1}
                        onClick={() => setPage(now + 1)}
                    />
                </nav>
            )}
        </section>
    );
}

function Alone() {
    const { link } = useSession();
    return (
        <div class="alone">
            <div>
                <p class="empty-title">{t('room.alone')}</p>
                <p>{t('room.alone.text')}</p>
            </div>
            <Button icon={Link} onClick={() => void copyText(link, t('room.link.copied'))}>
                {t('room.link.copy')}
            </Button>
        </div>
    );
}

export function Strip({ staged }: { staged: number | null }) {
    const { room } = useSession();
    return (
        <section class="strip" aria-label={t('room.strip')} tabIndex={0}>
            {inOrder(room.people.value).map((p) => (
                <Tile key={p.key_hash} member={p} rank={2} staged={p.leaf === staged} />
            ))}
        </section>
    );
}
