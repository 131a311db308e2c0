// Requests to the identity service. An answer that is no success throws an ApiError whose `code` is a stable word.
import { keepSession, sessionToken } from './session';

const BASE = '/api/v1/identity/';

export class ApiError extends Error {
    constructor(
        /** 0: no answer came. */
        readonly status: number,
        readonly code: string,
        text: string,
        /** How long to wait before the next try; 0: not told. */
        readonly retry_s = 0,
    ) {
        super(text);
        this.name = 'ApiError';
    }
}

async function send(method: string, path: string, body?: object): Promise<Response> {
    const headers = new Headers();
    if (sessionToken.peek()) headers.set('authorization', `Bearer ${String(sessionToken.peek())}`);
    if (body) headers.set('content-type', 'application/json');
    const more = body ? { body: JSON.stringify(body) } : {};
    try {
        return await fetch(BASE + path, {
            method,
            headers,
            cache: 'no-store',
            credentials: 'omit',
            redirect: 'error',
            ...more,
        });
    } catch (e) {
        throw new ApiError(0, 'offline', String(e));
    }
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}

function refusal(answer: Response, value: unknown): ApiError {
    const said = (value ?? {}) as { error?: unknown; text?: unknown };
    const code = typeof said.error === 'string' ? said.error : `http-${answer.status}`;
    const text = typeof said.text === 'string' ? said.text : answer.statusText;
    return new ApiError(answer.status, code, text, Number(answer.headers.get('retry-after')) || 0);
}

async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const had = sessionToken.peek();
    const answer = await send(method, path, body);
    const value = parsed(await answer.text());
    if (answer.ok) return value as T;
    // The session that we sent is over: nobody else's answer, and not a wrong password.
    if (answer.status === 401 && had && had === sessionToken.peek() && !path.startsWith('signin/'))
        keepSession(null);
    throw refusal(answer, value);
}

export const api = {
    get: <T>(path: string) => call<T>('GET', path),
    post: <T = null>(path: string, body: object = {}) => call<T>('POST', path, body),
    remove: (path: string) => call<null>('DELETE', path),
};
