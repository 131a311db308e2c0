// A part of the account that comes from the server: asked for when its section is drawn, and again after a change.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { errorWords } from './words';

export interface Loaded<T> {
    /** null: not here yet. */
    value: T | null;
    /** In words; '' for nothing. */
    error: string;
    again: () => Promise<void>;
}

export function useLoaded<T>(ask: () => Promise<T>): Loaded<T> {
    const [value, setValue] = useState<T | null>(null);
    const [error, setError] = useState('');
    const again = useCallback(async () => {
        try {
            setValue(await ask());
            setError('');
        } catch (e) {
            setError(errorWords(e));
        }
    }, []);
    useEffect(() => void again(), []);
    return { value, error, again };
}
