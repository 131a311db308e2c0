// The side panel: a tab for people and one for each registered panel; on a phone a sheet from below.
import { Users, X } from 'lucide-preact';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { cx, ICON_S, IconButton, type Icon } from '../ui';
import { People } from './people';
import { registered } from './registry';
import { panel } from './view';

interface Tab {
    id: string;
    label: string;
    icon: Icon;
    count: number;
    component: ComponentType;
}

function tabs(): Tab[] {
    const people = { id: 'people', label: t('people.title'), icon: Users, count: 0, component: People };
    const others = registered.panels.value
        .filter((p) => p.visible?.() ?? true)
        .map((p) => ({ ...p, label: t(p.label), count: p.count?.() ?? 0 }));
    return [people, ...others];
}

export function SidePanel() {
    const bar = useRef<HTMLDivElement>(null);
    const open = panel.value !== null;
    useEffect(() => {
        if (!open) return undefined;
        const before = document.activeElement;
        // a panel that puts the focus into itself (chat) has done so by now
        if (!before?.closest('.side'))
            bar.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
        return () => {
            const lost = !document.activeElement || document.activeElement === document.body;
            if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, [open]);
    const all = tabs();
    const now = all.find((x) => x.id === panel.value);
    if (!now) return null;
    const step = (e: KeyboardEvent) => {
        const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
        if (by === 0) return;
        e.preventDefault();
        const next = all[(all.indexOf(now) + by + all.length) % all.length];
        if (!next) return;
        panel.value = next.id;
        bar.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
    };
    return (
        <aside class="side" aria-label={t('room.sidepanel')}>
            <div class="side-head">
                <div
                    class="tabs"
                    role="tablist"
                    aria-label={t('room.sidepanel')}
                    ref={bar}
                    onKeyDown={step}
                >
                    {all.map((x) => (
                        <button
                            key={x.id}
                            id={`tab-${x.id}`}
                            type="button"
                            role="tab"
                            class={cx('tab', x === now && 'tab-on')}
                            aria-selected={x === now}
                            aria-controls="side-body"
                            tabIndex={x === now ? 0 : -1}
                            onClick={() => (panel.value = x.id)}
                        >
                            <x.icon {...ICON_S} />
                            <span>{x.label}</span>
                            {x.count > 0 && x !== now && <span class="tab-count">{x.count}</span>}
                        </button>
                    ))}
                </div>
                <IconButton
                    icon={X}
                    label={t('ui.close')}
                    tip="none"
                    onClick={() => (panel.value = null)}
                />
            </div>
            <div
                class="side-body"
                id="side-body"
                role="tabpanel"
                aria-labelledby={`tab-${now.id}`}
                data-panel={now.id}
            >
                <now.component key={now.id} />
            </div>
        </aside>
    );
}
