import type { ComponentChildren } from 'preact';
import { cx } from './class';
import { ICON_S, type Icon } from './icon';

export interface BadgeProps {
    kind: 'filled' | 'outlined' | 'plain' | 'warn';
    icon?: Icon;
    children: ComponentChildren;
}

export function Badge({ kind, icon: I, children }: BadgeProps) {
    return (
        <span class={cx('badge', `badge-${kind}`)}>
            {I && <I {...ICON_S} size={13} />}
            <span>{children}</span>
        </span>
    );
}
