// Who controls whose screen, in a line over the room, with the way to end it.
import { MousePointerClick } from 'lucide-preact';
import { t } from '../i18n';
import { useSession } from '../room/session';
import { Banner, Button } from '../ui';
import { asked, grants, revoke, stop, type Grant } from './state';

function Line({ g }: { g: Grant }) {
    const { room } = useSession();
    const fields = { grantee: g.grantee.name, sharer: g.sharer.name };
    if (g.grantee.self)
        return (
            <Banner kind="warn" icon={MousePointerClick} text={t('control.banner.we', fields)}>
                <Button onClick={stop}>{t('control.release')}</Button>
            </Banner>
        );
    return (
        <Banner icon={MousePointerClick} text={t('control.banner.they', fields)}>
            {room.isHost.value && (
                <Button onClick={() => revoke(g.sharer.leaf)}>{t('control.stop')}</Button>
            )}
        </Banner>
    );
}

export function ControlBanner() {
    const { room } = useSession();
    const whom = asked.value === null ? undefined : room.member(asked.value);
    return (
        <>
            {grants.value.map((g) => (
                <Line key={g.sharer.leaf} g={g} />
            ))}
            {whom && (
                <Banner icon={MousePointerClick} text={t('control.asking', { name: whom.name })}>
                    <Button onClick={stop}>{t('ui.cancel')}</Button>
                </Banner>
            )}
        </>
    );
}
