// A dialog is the browser's own: focus stays inside, Escape closes it, and focus returns to where it was.
import { X } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton } from './button';
import { cx } from './class';

export interface DialogProps {
    title: string;
    wide?: boolean;
    onClose: () => void;
    /** The buttons at its end. */
    foot?: ComponentChildren;
    children: ComponentChildren;
}

export function Dialog({ title, wide, onClose, foot, children }: DialogProps) {
    const box = useRef<HTMLDialogElement>(null);
    const name = useId();
    // With the drawing and not after it: Escape closes from the first moment on.
    useLayoutEffect(() => {
        const d = box.current;
        const before = document.activeElement;
        d?.showModal();
        return () => {
            d?.close();
            if (before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, []);
    return (
        <dialog
            ref={box}
            class={cx('dialog', wide && 'dialog-wide')}
            aria-labelledby={name}
            onCancel={(e) => {
                e.preventDefault();
                onClose();
            }}
            onClick={(e) => {
                if (e.target === box.current) onClose(); // the backdrop
            }}
        >
            <div class="dialog-head">
                <h2 id={name}>{title}</h2>
                <IconButton icon={X} label={t('ui.close')} tip="below-end" onClick={onClose} />
            </div>
            <div class="dialog-body">
                {children}
                {foot && <div class="dialog-foot">{foot}</div>}
            </div>
        </dialog>
    );
}
