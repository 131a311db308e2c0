import type { ComponentChildren } from 'preact';
import { cx } from './class';
import { ICON, type Icon } from './icon';

export interface BannerProps {
    kind?: 'note' | 'warn' | 'danger';
    icon: Icon;
    /** Spoken once; a number that counts up belongs into `extra`, which is not spoken. */
    text: string;
    extra?: string;
    children?: ComponentChildren;
}

export function Banner({ kind = 'note', icon: I, text, extra, children }: BannerProps) {
    return (
        <div class={cx('banner', kind !== 'note' && `banner-${kind}`)}>
            <I {...ICON} />
            <span>
                <span role={kind === 'danger' ? 'alert' : 'status'}>{text}</span>
                {extra && <span aria-hidden="true"> {extra}</span>}
            </span>
            {children}
        </div>
    );
}
