// A button that opens a menu (role menu: arrow keys, Home, End, letters, Escape), after the ARIA patterns.
//
//     <Menu trigger={(p) => <IconButton {...p} icon={Ellipsis} label={t('room.more')} />}>
//         <MenuItem icon={Hand} onClick={raise}>Raise hand</MenuItem>
//     </Menu>
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { cx } from './class';
import { ICON, type Icon } from './icon';

interface TriggerProps {
    'aria-haspopup': 'menu';
    'aria-expanded': boolean;
    onClick: () => void;
}

export interface MenuProps {
    trigger: (props: TriggerProps) => ComponentChildren;
    label: string;
    place?: 'above' | 'below' | 'below-start' | 'above-start';
    children: ComponentChildren;
}

const PLACES = {
    above: '',
    'above-start': 'menu-start',
    below: 'menu-below',
    'below-start': 'menu-below menu-start',
};
const Close = createContext<() => void>(() => undefined);

function items(box: HTMLElement | null): HTMLElement[] {
    const found = box?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [];
    return [...found].filter((e) => e.getAttribute('aria-disabled') !== 'true');
}

function move(box: HTMLElement | null, e: KeyboardEvent): boolean {
    const all = items(box);
    const now = all.indexOf(document.activeElement as HTMLElement);
    const letter = e.key.length === 1 ? e.key.toLowerCase() : '';
    let next = -1;
    if (e.key === 'ArrowDown' || e.key === 'ArrowRight') next = (now + 1) % all.length;
    else if (e.key === 'ArrowUp' || e.key === 'ArrowLeft')
        next = (now - 1 + all.length) % all.length;
    else if (e.key === 'Home') next = 0;
    else if (e.key === 'End') next = all.length - 1;
    else if (letter && letter !== ' ')
        next = [...all.keys()]
            .map((i) => (now + 1 + i) % all.length)
            .find((i) => all[i]?.textContent?.trim().toLowerCase().startsWith(letter)) ?? -1;
    all[next]?.focus();
    return next >= 0;
}

/** Closes when somebody presses or focuses elsewhere. */
function useOutside(anchor: RefObject<HTMLElement>, open: boolean, close: () => void) {
    useEffect(() => {
        if (!open) return undefined;
        const elsewhere = (e: Event) => {
            if (!anchor.current?.contains(e.target as Node)) close();
        };
        document.addEventListener('pointerdown', elsewhere);
        document.addEventListener('focusin', elsewhere);
        return () => {
            document.removeEventListener('pointerdown', elsewhere);
            document.removeEventListener('focusin', elsewhere);
        };
    }, [open]);
}

export function Menu({ trigger, label, place = 'above', children }: MenuProps) {
    const [open, setOpen] = useState(false);
    const anchor = useRef<HTMLDivElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const close = () => {
        setOpen(false);
        anchor.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus();
    };
    useOutside(anchor, open, () => setOpen(false));
    useLayoutEffect(() => {
        if (open) items(box.current)[0]?.focus();
    }, [open]);
    const onKey = (e: KeyboardEvent) => {
        if (!open) return;
        e.stopPropagation(); // letters choose an item here, they are not the room's keys
        if (e.key === 'Escape') close();
        else if (!move(box.current, e)) return;
        e.preventDefault();
    };
    return (
        <div class="menu-anchor" ref={anchor} onKeyDown={onKey}>
            {trigger({
                'aria-haspopup': 'menu',
                'aria-expanded': open,
                onClick: () => setOpen(!open),
            })}
            {open && (
                <div class={cx('menu', PLACES[place])} role="menu" aria-label={label} ref={box}>
                    <Close.Provider value={close}>{children}</Close.Provider>
                </div>
            )}
        </div>
    );
}

export interface MenuItemProps {
    icon?: Icon;
    /** true or false: a choice that is on or off. */
    checked?: boolean;
    radio?: boolean;
    disabled?: boolean;
    danger?: boolean;
    shortcut?: string;
    looks?: string;
    label?: string;
    onClick: () => void;
    children: ComponentChildren;
}

export function MenuItem(props: MenuItemProps) {
    const close = useContext(Close);
    const { icon: I, checked, disabled, shortcut } = props;
    const role: JSX.AriaRole =
        checked === undefined ? 'menuitem' : props.radio ? 'menuitemradio' : 'menuitemcheckbox';
    return (
        <button
            type="button"
            role={role}
            class={props.looks ?? cx('menu-item', props.danger && 'menu-danger')}
            tabIndex={-1}
            aria-checked={checked}
            aria-disabled={disabled}
            aria-label={props.label}
            aria-keyshortcuts={shortcut}
            onClick={() => {
                if (disabled) return;
                close();
                props.onClick();
            }}
        >
            {I && <I {...ICON} />}
            {props.children}
            {shortcut && (
                <kbd class="menu-key" aria-hidden="true">
                    {shortcut}
                </kbd>
            )}
        </button>
    );
}

export function MenuLine() {
    return <div class="menu-line" role="separator" />;
}
