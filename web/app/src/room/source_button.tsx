// Microphone and camera: one button each, the same before joining and in the room.
import { Mic, MicOff, TriangleAlert, Video as Camera, VideoOff } from 'lucide-preact';
import { t, tMaybe, type TextKey } from '../i18n';
import type { LocalSource, RoomMedia } from '../rtc/types';
import { cx, IconButton, toast } from '../ui';

type Which = 'microphone' | 'camera';

const ICONS = { microphone: [Mic, MicOff], camera: [Camera, VideoOff] } as const;

/** What went wrong, and what to do about it. */
export function sourceTrouble(kind: Which | 'screen', s: LocalSource): string {
    if (!s.why) return '';
    const what = tMaybe(`rtc.${kind}.${s.why}`) ?? '';
    const advice = tMaybe(`rtc.${kind}.${s.why}.do`) ?? '';
    return `${what} ${advice}`.trim();
}

export async function toggleSource(media: RoomMedia, kind: Which): Promise<void> {
    const s = media[kind];
    const on = s.value.state !== 'on';
    await (kind === 'microphone' ? media.setMicrophone(on) : media.setCamera(on));
    const now = s.value;
    if (on && now.state === 'failed') toast(sourceTrouble(kind, now) || t(`room.${kind}.off`), 8000);
}

export function sourceLabel(kind: Which, s: LocalSource): string {
    const key: TextKey =
        s.state === 'starting'
            ? `room.${kind}.starting`
            : s.state === 'on'
              ? `room.${kind}.on`
              : `room.${kind}.off`;
    return t(key);
}

export function SourceButton({ media, kind }: { media: RoomMedia; kind: Which }) {
    const s = media[kind].value;
    const on = s.state === 'on' || s.state === 'starting';
    const icon = s.state === 'failed' ? TriangleAlert : ICONS[kind][on ? 0 : 1];
    return (
        <IconButton
            icon={icon}
            looks={cx('control', !on && 'control-off')}
            label={sourceLabel(kind, s)}
            shortcut={kind === 'microphone' ? 'M' : 'V'}
            aria-busy={s.state === 'starting'}
            data-control={kind}
            onClick={() => void toggleSource(media, kind)}
        />
    );
}
