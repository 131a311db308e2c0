// What the server takes only from a sign-in of the last minutes: it is tried, and where the server wants to know
// again who is there, asked and then tried once more.
import { createContext } from 'preact';
import type { ComponentChildren } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { ApiError } from './api';
import { SignInAgain } from './dialogs';

type Fresh = <T>(what: () => Promise<T>) => Promise<T>;

const Context = createContext<Fresh>((what) => what());
export const useFresh = (): Fresh => useContext(Context);

interface Asking {
    done: () => void;
    cancelled: () => void;
}

export function FreshProvider({ email, children }: { email: string; children: ComponentChildren }) {
    const [asking, setAsking] = useState<Asking | null>(null);
    const signIn = () =>
        new Promise<void>((resolve, reject) => {
            setAsking({
                done: resolve,
                cancelled: () => reject(new ApiError(0, 'cancelled', 'not signed in again')),
            });
        }).finally(() => setAsking(null));
    const fresh: Fresh = async (what) => {
        try {
            return await what();
        } catch (e) {
            if (!(e instanceof ApiError) || e.code !== 'reauthenticate') throw e;
        }
        await signIn();
        return what();
    };
    return (
        <Context.Provider value={fresh}>
            {children}
            {asking && <SignInAgain email={email} onDone={asking.done} onClose={asking.cancelled} />}
        </Context.Provider>
    );
}
