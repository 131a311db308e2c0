// The one Trusted Types policy of the page: addresses of scripts that start a worker, and of our own bundle
// alone. Everything else that could become code is refused by the browser (require-trusted-types-for).
//
//     new Worker(scriptUrl(workerUrl), { type: 'module' })

interface Policy {
    createScriptURL(url: string): string; // a TrustedScriptURL, which the sinks take like a string
}
interface Factory {
    createPolicy(name: string, rules: Policy): Policy;
}

function ours(url: string): string {
    const parsed = new URL(url, location.href);
    const known = parsed.pathname === '/sw.js' || /^\/assets\/[\w.-]+\.js$/.test(parsed.pathname);
    if (parsed.origin !== location.origin || !(known || import.meta.env.DEV))
        throw new TypeError('not a script of this bundle: ' + parsed.pathname);
    return parsed.href;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const policy = factory ? factory.createPolicy('incamera', { createScriptURL: ours }) : null;

/** The address as what `new Worker` and `serviceWorker.register` accept. Throws for any other script. */
export function scriptUrl(url: string): string {
    return policy ? policy.createScriptURL(url) : ours(url);
}
