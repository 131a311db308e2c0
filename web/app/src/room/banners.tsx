// What is wrong with us, or what everybody must know, in one line over the room.
import { CircleDot, Clock, Lock, OctagonAlert, ShieldAlert, Volume2, WifiOff } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Banner, Button } from '../ui';
import { copyDetails } from './details';
import { registered } from './registry';
import { useSession } from './session';
import { dialog } from './view';

function Reconnecting() {
    const { room } = useSession();
    const { since_ms } = room.connection.value;
    const [now, setNow] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => setNow(Date.now()), 1000);
        return () => clearInterval(timer);
    }, []);
    const seconds = Math.max(0, Math.round((now - since_ms) / 1000));
    return (
        <Banner
            kind="warn"
            icon={WifiOff}
            text={t('banner.reconnecting')}
            extra={t('banner.reconnecting.for', { n: seconds })}
        />
    );
}

export function Banners() {
    const { room, media } = useSession();
    const m = room.model.value;
    const lost = m.state === 'reconnecting' || (!m.connection.up && m.connection.since_ms > 0);
    const recording = m.people.filter((p) => p.status?.recording);
    const minutes = Math.round(Math.abs(m.clockOffset_ms) / 60_000);
    return (
        <div class="banners">
            {m.state === 'cut_off' && (
                <Banner kind="danger" icon={OctagonAlert} text={t('banner.cut_off')}>
                    <Button onClick={() => void copyDetails(m)}>{t('banner.details')}</Button>
                </Banner>
            )}
            {m.logTrouble && (
                <Banner kind="danger" icon={OctagonAlert} text={t(`banner.${m.logTrouble}`)}>
                    <Button onClick={() => void copyDetails(m)}>{t('banner.details')}</Button>
                </Banner>
            )}
            {lost && m.state !== 'cut_off' && <Reconnecting />}
            {!lost && media.transport.value === 'lost' && (
                <Banner kind="warn" icon={WifiOff} text={t('media.lost')} />
            )}
            {recording.map((p) => (
                <Banner
                    key={p.leaf}
                    kind="warn"
                    icon={CircleDot}
                    text={
                        p.self
                            ? t('banner.recording.self')
                            : t('banner.recording', { name: p.name })
                    }
                />
            ))}
            {media.soundBlocked.value && (
                <Banner icon={Volume2} text={t('room.sound.blocked')}>
                    <Button onClick={() => void media.allowSound()}>{t('room.sound.allow')}</Button>
                </Banner>
            )}
            {m.unbound && m.state === 'e2ee_compare' && (
                <Banner kind="warn" icon={ShieldAlert} text={t('banner.unbound')}>
                    <Button onClick={() => (dialog.value = 'shield')}>{t('banner.compare')}</Button>
                </Banner>
            )}
            {minutes >= 5 && (
                <Banner kind="warn" icon={Clock} text={t('banner.clock', { n: minutes })} />
            )}
            {m.locked && <Banner icon={Lock} text={t('room.locked')} />}
            {registered.banners.value.map((b) => (
                <b.component key={b.id} />
            ))}
        </div>
    );
}
