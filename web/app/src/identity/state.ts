// Who this browser is, and whom it believes, as the worker keeps it. One object for the page before joining.
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Core } from '../core/types';
import { t, tMaybe } from '../i18n';
import type { Authority, CertifiedIdentity } from './types';

export interface IdentityState {
    own: ReadonlySignal<CertifiedIdentity | null>;
    roots: ReadonlySignal<readonly Authority[]>;
    /** What went wrong last, in words; '' for nothing. */
    error: ReadonlySignal<string>;
    /** Anew: another tab may have changed it. */
    read(): Promise<void>;
    importFile(file: Blob): Promise<void>;
    forget(): Promise<void>;
    addRoot(kind: Authority['kind'], file: Blob): Promise<void>;
    removeRoot(fingerprint: string): Promise<void>;
}

function words(error: unknown): string {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return tMaybe(`identity.error.${code}`) ?? t('identity.error.other', { why: String(error) });
}

export function identityState(core: Core): IdentityState {
    const own = signal<CertifiedIdentity | null>(null);
    const roots = signal<readonly Authority[]>([]);
    const error = signal('');
    const read = async () => {
        own.value = await core.do({ do: 'identity' });
        roots.value = await core.do({ do: 'roots' });
    };
    const change = async (command: Promise<unknown>) => {
        error.value = '';
        try {
            await command;
        } catch (e) {
            error.value = words(e);
        }
        await read().catch((e: unknown) => console.warn('identity', e));
    };
    void change(Promise.resolve());
    return {
        own,
        roots,
        error,
        read,
        importFile: (file) => change(core.do({ do: 'identity_import', file })),
        forget: () => change(core.do({ do: 'identity_forget' })),
        addRoot: (kind, file) => change(core.do({ do: 'root_add', kind, file })),
        removeRoot: (fingerprint) => change(core.do({ do: 'root_remove', fingerprint })),
    };
}

const ALGORITHMS: Readonly<Record<number, string>> = {
    1: 'Ed25519',
    2: 'P-256',
    3: 'Ed25519',
    5: 'P-521',
    7: 'P-384',
};

export function algorithmOf(suite: number): string {
    return ALGORITHMS[suite] ?? String(suite);
}
