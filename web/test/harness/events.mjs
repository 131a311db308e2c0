// Events in the order in which they came, and waiting for one of them.
import { LIMIT_MS } from './limits.mjs';

export class Events {
    constructor(name) {
        this.name = name;
        this.events = [];
        this.waiting = new Set();
    }

    take(event) {
        this.events.push(event);
        for (const look of [...this.waiting]) look();
    }

    /** For `since` of expect: only what comes from now on. */
    mark() {
        return this.events.length;
    }

    find(name, where = () => true, since = 0) {
        return this.events.slice(since).find((e) => e.event === name && where(e));
    }

    last(name) {
        return this.events.findLast?.((e) => e.event === name) ?? this.events.filter((e) => e.event === name).pop();
    }

    /** The first such event, waited for. where: what must hold of it. */
    expect(name, where = () => true, { since = 0, limitMs = 2 * LIMIT_MS } = {}) {
        return new Promise((resolve, reject) => {
            const fail = (why) => {
                done();
                const tail = this.events.slice(-8).map((e) => JSON.stringify(e)).join('\n');
                reject(new Error(`${this.name}: no event ${name} ${why}; the last ones:\n${tail}\n${this.words?.() ?? ''}`));
            };
            const done = () => {
                clearTimeout(timer);
                this.waiting.delete(look);
            };
            const look = () => {
                const found = this.find(name, where, since);
                if (found) {
                    done();
                    resolve(found);
                } else if (this.events.at(-1)?.event === 'end-of-output') {
                    fail('before it ended');
                }
            };
            const timer = setTimeout(() => fail(`within ${limitMs / 1000} s`), limitMs);
            this.waiting.add(look);
            look();
        });
    }
}
