import type { CoreErrorName } from './types';

/** A command that was not carried out; `code` is stable, `message` is English for the log. */
export class CoreError extends Error {
    constructor(
        readonly code: CoreErrorName,
        text: string,
    ) {
        super(text);
        this.name = 'CoreError';
    }
}
