// A section of the account: a heading, a word on what it is for, and its content or why it is not here.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { date, t } from '../i18n';
import { Button, ICON, type Icon } from '../ui';
import type { Loaded } from './loaded';

export interface SectionProps {
    title: string;
    text?: string;
    icon: Icon;
    action?: ComponentChildren;
    children: ComponentChildren;
}

export function Section({ title, text, icon: I, action, children }: SectionProps) {
    const id = useId();
    return (
        <section class="card account-section" aria-labelledby={id}>
            <div class="account-head">
                <I {...ICON} />
                <h2 id={id}>{title}</h2>
                {action}
            </div>
            {text && <p class="soft">{text}</p>}
            {children}
        </section>
    );
}

/** Draws what came; else that it comes, or why it did not. */
export function Part<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
    if (of.value !== null)
        return (
            <>
                {children(of.value)}
                {of.error && (
                    <p role="alert" class="field-error">
                        {of.error}
                    </p>
                )}
            </>
        );
    if (!of.error) return <p class="soft">{t('account.loading')}</p>;
    return (
        <div class="row">
            <p role="alert" class="fill">
                {of.error}
            </p>
            <Button onClick={() => void of.again()}>{t('account.retry')}</Button>
        </div>
    );
}

/** "3 March 2027", or a word for what never was. */
export function day(seconds: number): string {
    return seconds > 0 ? date(seconds * 1000) : t('account.never');
}
