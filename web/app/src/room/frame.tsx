// The quiet frame of all pages outside of the room: a name, one card, language and appearance below.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { LANGUAGES, language, setLanguage, t, type Language } from '../i18n';
import { theme, type Theme } from '../state/prefs';
import { cx } from '../ui';
import { Mark } from './mark';

export interface FrameProps {
    title: string;
    wide?: boolean;
    /** At the end of the line with the name. */
    aside?: ComponentChildren;
    children: ComponentChildren;
}

export function Frame(props: FrameProps) {
    useEffect(() => {
        document.title = `${props.title} · ${t('app.name')}`;
    }, [props.title]);
    return (
        <div class="frame">
            <header class="frame-head">
                <a class="frame-name" href="/">
                    <Mark />
                    {t('app.name')}
                </a>
                {props.aside}
            </header>
            <main class={cx('frame-main', props.wide && 'frame-wide')}>{props.children}</main>
            <footer class="frame-foot">
                <Choice
                    label={t('ui.language')}
                    value={language.value}
                    options={LANGUAGES}
                    onChoose={(v) => setLanguage(v as Language)}
                />
                <Choice
                    label={t('ui.theme')}
                    value={theme.value}
                    options={themes()}
                    onChoose={(v) => {
                        theme.value = v as Theme;
                    }}
                />
            </footer>
        </div>
    );
}

export function themes(): { id: Theme; name: string }[] {
    return [
        { id: 'system', name: t('ui.theme.system') },
        { id: 'light', name: t('ui.theme.light') },
        { id: 'dark', name: t('ui.theme.dark') },
    ];
}

interface ChoiceProps {
    label: string;
    value: string;
    options: readonly { id: string; name: string }[];
    onChoose: (v: string) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
    return (
        <select
            class="quiet-select"
            aria-label={label}
            value={value}
            onChange={(e) => onChoose(e.currentTarget.value)}
        >
            {options.map((o) => (
                <option key={o.id} value={o.id}>
                    {o.name}
                </option>
            ))}
        </select>
    );
}
