// What fills the middle: a shared screen, a feature's view (board), or who speaks.
import { ScreenShare, TriangleAlert } from 'lucide-preact';
import { computed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { t, tMaybe } from '../i18n';
import type { Room } from '../state/store';
import type { RoomMedia } from '../rtc/types';
import { cx, ICON_S, type Icon } from '../ui';
import { registered } from './registry';
import { useSession } from './session';
import { useShown } from './shown';
import { Tile } from './tile';
import { Video } from './video';
import { stageChoice } from './view';

export interface StageView {
    id: string;
    label: string;
    icon: Icon;
    draw: () => ComponentChildren;
}

/** All that could be on the stage now: shared screens first, then what features show. */
export function stageViews(room: Room, media: RoomMedia): StageView[] {
    const views: StageView[] = [];
    for (const p of room.people.value) {
        const remote = media.remote.value.get(p.leaf);
        const stream = p.self ? media.selfScreen.value : (remote?.screen ?? null);
        if (!stream && !(remote?.sendsScreen && !p.self)) continue;
        views.push({
            id: `screen-${p.leaf}`,
            label: p.self ? t('room.stage.screen.self') : t('room.stage.screen', { name: p.name }),
            icon: ScreenShare,
            draw: () => <SharedScreen leaf={p.leaf} name={p.name} self={p.self} />,
        });
    }
    for (const s of registered.stages.value)
        if (s.active.value)
            views.push({ id: s.id, label: s.label(), icon: s.icon, draw: () => <s.component /> });
    return views;
}

export function useStageViews(): StageView[] {
    const { room, media } = useSession();
    return useMemo(() => computed(() => stageViews(room, media)), [room, media]).value;
}

/** Arrives, is on its way, or is not sent: nothing to say of it. */
const GOES: readonly string[] = ['ok', 'waiting', 'paused'];

/** The shared picture, in its own shape, so that what is drawn over it fits exactly. */
function SharedScreen({ leaf, name, self }: { leaf: number; name: string; self: boolean }) {
    const { media } = useSession();
    const [ratio, setRatio] = useState(16 / 9);
    const ref = useShown<HTMLDivElement>(media, self ? null : leaf, 'screen', 0);
    const remote = media.remote.value.get(leaf);
    const stream = self ? media.selfScreen.value : (remote?.screen ?? null);
    const state = remote?.screenState ?? 'ok';
    const trouble = self || GOES.includes(state) ? '' : tMaybe(`rtc.shared.${state}`, { name });
    const label = self ? t('room.stage.screen.self') : t('room.stage.screen', { name });
    return (
        <div class="screen-room" ref={ref}>
            <div
                class="screen-picture"
                ref={(e) => {
                    e?.style.setProperty('--ratio', String(ratio));
                }}
            >
                {stream && <Video stream={stream} fit="contain" label={label} onRatio={setRatio} />}
                {registered.overlays.value
                    .filter((o) => o.place === 'screen')
                    .map((o) => (
                        <o.component key={o.id} leaf={leaf} name={name} self={self} />
                    ))}
            </div>
            {trouble && (
                <p class="tile-trouble" role="status">
                    <TriangleAlert {...ICON_S} />
                    <span>{trouble}</span>
                </p>
            )}
        </div>
    );
}

/** The leaf on the stage while nothing is shared: who spoke last, else the first other, else ourselves. */
export function useStagedLeaf(): number | null {
    const { room, media } = useSession();
    const people = room.people.value;
    const last = media.speaker.value;
    if (last !== null && people.some((p) => p.leaf === last && !p.self)) return last;
    return (people.find((p) => !p.self) ?? people[0])?.leaf ?? null;
}

export function Stage({ views, onlyScreen }: { views: readonly StageView[]; onlyScreen: boolean }) {
    const { room } = useSession();
    const leaf = useStagedLeaf();
    const chosen = views.find((v) => v.id === stageChoice.value) ?? views[0];
    const staged = room.people.value.find((p) => p.leaf === leaf);
    return (
        <section class="stage" aria-label={chosen?.label ?? t('room.stage')}>
            {views.length > 1 && (
                <div class="stage-tabs" role="group" aria-label={t('room.stage')}>
                    {views.map((v) => (
                        <button
                            key={v.id}
                            type="button"
                            class={cx('stage-tab', v === chosen && 'stage-tab-on')}
                            aria-pressed={v === chosen}
                            onClick={() => {
                                stageChoice.value = v.id;
                            }}
                        >
                            <v.icon {...ICON_S} />
                            {v.label}
                        </button>
                    ))}
                </div>
            )}
            <div class="stage-view" key={chosen?.id ?? 'speaker'}>
                {chosen ? (
                    chosen.draw()
                ) : onlyScreen ? (
                    <div class="empty">
                        <ScreenShare size={32} strokeWidth={1.5} aria-hidden="true" />
                        <p class="empty-title">{t('room.stage.empty')}</p>
                        <p class="soft">{t('room.stage.empty.text')}</p>
                    </div>
                ) : (
                    staged && <Tile member={staged} rank={0} />
                )}
            </div>
        </section>
    );
}
