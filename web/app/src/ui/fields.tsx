import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

type NativeInput = Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'class' | 'onInput' | 'label'>;

export interface TextFieldProps extends NativeInput {
    label: string;
    value: string;
    hint?: string;
    error?: string | undefined;
    onText: (text: string) => void;
}

export function TextField({ label, hint, error, onText, ...rest }: TextFieldProps) {
    const id = useId();
    const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
    return (
        <div class="field">
            <label class="field-label" for={id}>
                {label}
            </label>
            <input
                type="text"
                {...rest}
                id={id}
                class="input"
                aria-invalid={error ? true : undefined}
                aria-describedby={about}
                onInput={(e) => onText(e.currentTarget.value)}
            />
            {hint && !error && (
                <span class="field-hint" id={`${id}-hint`}>
                    {hint}
                </span>
            )}
            {error && (
                <span class="field-error" id={`${id}-error`} role="alert">
                    {error}
                </span>
            )}
        </div>
    );
}

export interface SelectProps {
    label: string;
    value: string;
    options: readonly { id: string; name: string }[];
    disabled?: boolean;
    onChoose: (id: string) => void;
}

export function Select({ label, value, options, disabled, onChoose }: SelectProps) {
    const id = useId();
    return (
        <div class="field">
            <label class="field-label" for={id}>
                {label}
            </label>
            <select
                id={id}
                class="input"
                value={value}
                disabled={disabled}
                onChange={(e) => onChoose(e.currentTarget.value)}
            >
                {options.map((o) => (
                    <option key={o.id} value={o.id}>
                        {o.name}
                    </option>
                ))}
            </select>
        </div>
    );
}

export interface SwitchProps {
    on: boolean;
    onChange: (on: boolean) => void;
    children: ComponentChildren;
}

export function Switch({ on, onChange, children }: SwitchProps) {
    return (
        <label class="switch">
            <input
                type="checkbox"
                role="switch"
                checked={on}
                onChange={(e) => onChange(e.currentTarget.checked)}
            />
            <span>{children}</span>
        </label>
    );
}
