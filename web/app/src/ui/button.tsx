import type { ComponentChildren, JSX } from 'preact';
import { cx } from './class';
import { ICON, type Icon } from './icon';

type Native = Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'class' | 'size' | 'type'>;

export interface ButtonProps extends Native {
    kind?: 'plain' | 'primary' | 'danger' | 'quiet';
    icon?: Icon;
    wide?: boolean;
    large?: boolean;
    submit?: boolean;
    children: ComponentChildren;
}

export function Button({ kind, icon: I, wide, large, submit, children, ...rest }: ButtonProps) {
    const looks = cx(
        'button',
        kind && kind !== 'plain' && `button-${kind}`,
        wide && 'button-wide',
        large && 'button-large',
    );
    return (
        <button {...rest} type={submit ? 'submit' : 'button'} class={looks}>
            {I && <I {...ICON} />}
            {children}
        </button>
    );
}

export interface IconButtonProps extends Native {
    icon: Icon;
    /** Its name: spoken by screen readers, shown as a tip. */
    label: string;
    /** A key that does the same, shown in the tip: "M". */
    shortcut?: string;
    looks?: string;
    tip?: 'above' | 'below' | 'below-start' | 'below-end' | 'above-end' | 'none';
    /** A number on it: unread lines. */
    count?: number;
}

const TIPS = {
    above: '',
    below: 'tip-below',
    'below-start': 'tip-below tip-start',
    'below-end': 'tip-below tip-end',
    'above-end': 'tip-end',
};

export function IconButton(props: IconButtonProps) {
    const { icon: I, label, shortcut, looks, tip = 'above', count, ...rest } = props;
    return (
        <button
            {...rest}
            type="button"
            class={cx('icon-button', looks)}
            aria-label={label}
            aria-keyshortcuts={shortcut}
        >
            <I {...ICON} />
            {!!count && (
                <span class="count" aria-hidden="true">
                    {count > 99 ? '99+' : count}
                </span>
            )}
            {tip !== 'none' && (
                <span class={cx('tip', TIPS[tip])} aria-hidden="true">
                    {shortcut ? `${label} (${shortcut})` : label}
                </span>
            )}
        </button>
    );
}
