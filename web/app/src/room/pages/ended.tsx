// After it: what was kept, and that the rest is gone; or why it could not go on.
import { AccountLink } from '../../account/link';
import { t, tMaybe } from '../../i18n';
import type { RoomModel } from '../../state/model';
import { Button } from '../../ui';
import { copyDetails } from '../details';
import { Frame } from '../frame';
import { registered } from '../registry';

export interface EndedProps {
    model: RoomModel;
    onAgain: () => void;
}

interface Words {
    title: string;
    text: string;
    again: boolean;
    /** Something went wrong that somebody may want to look into. */
    details: boolean;
    kept: boolean;
}

function words(m: RoomModel): Words {
    const why = m.ended?.why ?? 'left';
    const base = { again: true, details: false, kept: m.people.length > 0 };
    if (m.failed)
        return { ...base, title: t('broken.title'), text: t('broken.text', { why: m.failed }), details: true };
    if (why === 'left') return { ...base, title: t('left.title'), text: '' };
    if (why === 'ended' || why === 'meeting-over')
        return { ...base, title: t('left.ended'), text: t('left.ended.text'), again: false };
    if (why === 'removed-by-host')
        return { ...base, title: t('left.removed'), text: t('left.removed.text') };
    if (why === 'not-found')
        return { ...base, title: t('notfound.title'), text: t('notfound.text'), again: false };
    const refused = tMaybe(`refused.${why}`);
    if (refused || why.startsWith('refused'))
        return { ...base, title: t('refused.title'), text: refused ?? t('refused.other', { why }) };
    const reason = m.ended?.text ? `${m.ended.text} (${why})` : why;
    return { ...base, title: t('failed.title'), text: t('failed.text', { why: reason }), details: true };
}

export function Ended({ model, onAgain }: EndedProps) {
    const w = words(model);
    const kept = registered.kept.value;
    return (
        <Frame title={w.title}>
            <div class="card stack">
                <h1>{w.title}</h1>
                {w.text && <p class="soft">{w.text}</p>}
                {w.kept && (
                    <section class="stack-tight" aria-labelledby="kept">
                        <h2 id="kept">{t('left.kept')}</h2>
                        {kept.map((k) => (
                            <k.component key={k.id} />
                        ))}
                        <p class="soft">{t(kept.length ? 'left.rest' : 'left.kept.nothing')}</p>
                    </section>
                )}
                <div class="row">
                    {model.failed ? (
                        <Button kind="primary" onClick={() => location.reload()}>
                            {t('broken.reload')}
                        </Button>
                    ) : (
                        w.again && (
                            <Button kind="primary" onClick={onAgain}>
                                {t('left.again')}
                            </Button>
                        )
                    )}
                    {w.details && (
                        <Button onClick={() => void copyDetails(model)}>{t('failed.copy')}</Button>
                    )}
                    {model.ended?.why === 'refused-not-verified' && <AccountLink inNewTab />}
                    <Button kind="quiet" onClick={() => location.assign('/')}>
                        {t('left.home')}
                    </Button>
                </div>
            </div>
        </Frame>
    );
}

export function NotFound() {
    return (
        <Frame title={t('notfound.title')}>
            <div class="card stack">
                <h1>{t('notfound.title')}</h1>
                <p class="soft">{t('notfound.text')}</p>
                <div>
                    <Button kind="primary" onClick={() => location.assign('/')}>
                        {t('left.home')}
                    </Button>
                </div>
            </div>
        </Frame>
    );
}
