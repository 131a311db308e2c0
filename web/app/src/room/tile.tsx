// One device in the room: picture or letters, name, who vouches, hand, mute; and what is wrong, with whom.
import { CircleDot, Hand, MicOff, TriangleAlert } from 'lucide-preact';
import { t, tMaybe } from '../i18n';
import type { Remote } from '../rtc/types';
import type { Member } from '../state/model';
import { cx, ICON_S } from '../ui';
import { Avatar } from './avatar';
import { IdentityIcon } from './identity';
import { registered } from './registry';
import { useSession } from './session';
import { useShown } from './shown';
import { Video } from './video';

export interface TileProps {
    member: Member;
    /** 0 on the stage, 1 in a grid, 2 in the strip. */
    rank: number;
    /** Shown large elsewhere: here its place is kept. */
    staged?: boolean;
}

const TROUBLES = ['no-frames', 'keys-missing', 'garbage'];

/** Why nothing is seen, naming whom it is about; '' while nothing is wrong. */
function troubleOf(m: Member, remote: Remote | undefined, told: string | undefined): string {
    const { name } = m;
    if (m.away) return t('tile.away', { name });
    const state = remote?.videoState ?? '';
    if (TROUBLES.includes(state))
        return tMaybe(`rtc.tile.${state}`, { name }) ?? t('tile.trouble', { name });
    const sound = remote?.soundState ?? '';
    if (sound === 'keys-missing' || sound === 'garbage')
        return tMaybe(`rtc.sound.${sound}`, { name }) ?? t('tile.trouble', { name });
    if (!told || remote) return '';
    return tMaybe(`trouble.${told}`, { name }) ?? t('tile.trouble', { name });
}

export function Tile({ member, rank, staged }: TileProps) {
    const { room, media } = useSession();
    const m = member;
    const remote = media.remote.value.get(m.leaf);
    const ref = useShown<HTMLElement>(media, m.self || staged ? null : m.leaf, 'video', rank);
    const stream = m.self ? media.selfVideo.value : (remote?.video ?? null);
    // what decrypts counts, not what somebody says of themselves
    const camera = m.self ? media.camera.value.state === 'on' : remote?.videoState !== 'paused';
    const muted = m.self
        ? media.microphone.value.state !== 'on'
        : m.status !== null && !m.status.microphone;
    const speaking = m.self ? media.level.value > 0.12 : media.speaking.value.includes(m.leaf);
    const trouble = m.self ? '' : troubleOf(m, remote, room.trouble.value.get(m.leaf)?.why);
    const name = m.self ? t('tile.you', { name: m.name }) : m.name;
    const hand = (m.status?.hand ?? 0) > 0;
    const facts = [name];
    if (muted) facts.push(t('tile.muted'));
    if (hand) facts.push(t('tile.hand'));
    if (m.status?.recording) facts.push(t('tile.recording'));
    return (
        <article
            ref={ref}
            class={cx('tile', speaking && !muted && 'tile-speaking')}
            aria-label={facts.join(', ')}
            data-leaf={m.leaf}
        >
            <Avatar name={m.name} seed={m.key_hash} />
            {stream && camera && !staged && !m.away && (
                <Video stream={stream} mirrored={m.self} label={name} />
            )}
            {!staged &&
                registered.overlays.value
                    .filter((o) => o.place === 'tile')
                    .map((o) => <o.component key={o.id} leaf={m.leaf} name={m.name} self={m.self} />)}
            {trouble && (
                <p class="tile-trouble">
                    <TriangleAlert {...ICON_S} />
                    <span>{trouble}</span>
                </p>
            )}
            <div class="tile-signs">
                {hand && (
                    <span class="tile-hand">
                        <Hand {...ICON_S} />
                    </span>
                )}
                {m.status?.recording && (
                    <span class="tile-recording">
                        <CircleDot {...ICON_S} />
                    </span>
                )}
            </div>
            <div class="tile-label">
                {muted && <MicOff {...ICON_S} size={14} class="tile-muted" />}
                <span class="tile-name">{name}</span>
                {!m.self && <IdentityIcon person={m} />}
            </div>
        </article>
    );
}
