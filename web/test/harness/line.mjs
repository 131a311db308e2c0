// A line between browser and server that can be cut, or slow: a TCP relay on a port of its own. The page is opened through
// it, so its origin is the line's.
import { createServer, connect } from 'node:net';

export class Line {
    constructor(target) {
        this.target = Number(new URL(target).port);
        this.sockets = new Set();
        this.up = true;
        /** Bytes of a second, on each connection and each way; 0: as fast as it goes. */
        this.rate = 0;
    }

    async open() {
        this.server = createServer((near) => this.#join(near));
        await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        this.http = `http://localhost:${this.server.address().port}`;
        return this;
    }

    #join(near) {
        if (!this.up) return void near.destroy();
        const far = connect(this.target, '127.0.0.1');
        for (const [a, b] of [[near, far], [far, near]]) {
            this.sockets.add(a);
            a.on('data', (data) => {
                b.write(data);
                if (!this.rate) return;
                a.pause();
                setTimeout(() => a.resume(), (data.length / this.rate) * 1000);
            });
            a.on('error', () => b.destroy());
            a.on('close', () => {
                this.sockets.delete(a);
                b.destroy();
            });
        }
    }

    /** The link of a meeting, through this line. */
    link(url) {
        return this.http + url.slice(url.indexOf('/m/'));
    }

    /** Ends every connection and takes no new one. */
    cut() {
        this.up = false;
        for (const socket of this.sockets) socket.destroy();
    }

    mend() {
        this.up = true;
    }

    close() {
        this.cut();
        this.server.close();
    }
}
