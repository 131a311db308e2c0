"""The service is killed in the middle of orders: what it acknowledged is there when it is back, and what it was
trying goes on. And the process apart: nothing but identity is served by it."""
import hashlib
import http.client
import os
import random
import sqlite3
import sys
import threading
import time

from acme_kit import Client, Dns, Identity, Web, b64, request_for
from harness import LONG_S, Cases, Failure, wait_until

HOST = "room.ring.example"


class Walker(threading.Thread):
    """Takes one order after the other, and writes down what was acknowledged before it goes on."""

    def __init__(self, service, dns, number, csr):
        super().__init__(daemon=True)
        self.client = Client(service, "walker%d" % number)
        self.client.join()
        self.dns, self.csr, self.name = dns, csr, "w%d.ring.example" % number
        self.known, self.trouble, self.ends = [], None, False

    def run(self):
        while not self.ends:
            try:
                self.walk()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # it is being killed
                self.client.nonce = None
            except Exception as trouble:  # pylint: disable=broad-except
                self.trouble = trouble
                return

    def post(self, url, payload=None):
        a = self.client.post(url, payload)
        if a.error == "badNonce":  # one of before the restart
            a = self.client.post(url, payload)
        if a.status == 500:
            raise Failure("%s: %r" % (url, a))
        return a

    def walk(self):
        order = self.post(self.client.directory["newOrder"], {"identifiers": [{"type": "dns", "value": self.name}]})
        url = order.headers["Location"]
        self.known.append((url, "order"))
        authz = order.json["authorizations"][0]
        a = self.post(authz)
        if a.json["status"] == "pending":
            c = next(c for c in a.json["challenges"] if c["type"] == "dns-01")
            right = b64(hashlib.sha256(self.client.authorization_of(c["token"]).encode()).digest())
            self.dns.texts["_acme-challenge." + self.name] = [right]
            self.post(c["url"], {})
            wait_until(lambda: self.post(authz).json["status"] != "pending", "the challenge ends")
        self.known.append((authz, "authz"))
        done = self.post(order.json["finalize"], {"csr": b64(self.csr)})
        if done.status == 200:
            self.known.append((done.json["certificate"], "certificate"))
        # the next one proves it anew
        self.post(authz, {"status": "deactivated"})
        self.known[-1 if done.status != 200 else -2] = (authz, "deactivated")


def check(walker):
    """Every acknowledged thing, as it was told."""
    counts = {}
    for url, what in walker.known:
        a = walker.post(url)
        if a.status != 200:
            raise Failure("lost: %s %s: %r" % (what, url, a))
        if what == "deactivated":
            assert a.json["status"] == "deactivated", (url, a)
        if what == "certificate":
            assert a.body.count(b"BEGIN CERTIFICATE") == 2
        counts[what] = counts.get(what, 0) + 1
    return counts


def certificates(walkers):
    return sum(what == "certificate" for w in walkers for _, what in list(w.known))


def killed_in_mid_order(stage):
    dns = Dns()
    service = Identity(stage, dns, acme_orders_per_hour=100000, acme_retry_ms=100)
    walkers = []
    for i in range(4):
        csr = request_for(stage.folder, ["w%d.ring.example" % i])
        walkers.append(Walker(service, dns, i, csr))
    for w in walkers:
        w.start()
    chance = random.Random(8555)
    for turn in range(12):
        # Not before the walkers have come further: how far they come in a time is the machine's matter.
        wait_until(lambda: any(w.trouble for w in walkers) or certificates(walkers) > turn, "a certificate is issued")
        time.sleep(chance.uniform(0.1, 0.8))
        service.kill()
        service.start()
    for w in walkers:
        w.ends = True
    for w in walkers:
        w.join(LONG_S)
        if w.trouble or w.is_alive():
            raise Failure("%s: %r" % (w.name, w.trouble))
    issued = sum(check(w).get("certificate", 0) for w in walkers)
    assert issued >= 12, issued
    # what the log of certificates holds is what was issued: neither more nor less
    db = sqlite3.connect(service.database)
    table = db.execute("SELECT COUNT(*) FROM acme_certificates").fetchone()[0]
    valid = db.execute("SELECT COUNT(*) FROM acme_orders WHERE status = 3").fetchone()[0]
    double = db.execute("SELECT COUNT(*) - COUNT(DISTINCT certificate) FROM acme_orders WHERE certificate <> ''")
    assert table == valid >= issued and double.fetchone()[0] == 0, (table, valid, issued)
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.close()
    print("     %d certificates, %d restarts" % (issued, 12))
    assert service.stop() == 0


def challenge_goes_on(stage):
    """Killed while a challenge is being tried: after the restart it is tried again, without the client."""
    dns = Dns()
    service = Identity(stage, dns, acme_retry_ms=60000)
    me = Client(service)
    me.join()
    order = me.order(HOST)
    c = me.challenge(order.json["authorizations"][0], "http-01")
    me.post(c["url"], {})  # nobody listens there
    wait_until(lambda: "error" in me.challenge(order.json["authorizations"][0], "http-01"), "the first attempt ends")
    service.kill()
    web = Web(service.challenge_port)
    web.answers["/.well-known/acme-challenge/" + c["token"]] = (200, {}, me.authorization_of(c["token"]).encode())
    service.start()
    me.nonce = None
    wait_until(lambda: order.look() == "ready", "the challenge is met")
    assert len(web.asked) == 1
    web.close()
    assert service.stop() == 0


def process_apart(stage):
    """--role identity serves identity and nothing of meetings; its key and database are readable by their owner alone."""
    service = Identity(stage, Dns())
    assert service.request("GET", "/healthz")[0] == 200
    assert service.request("GET", "/pki/root.pem")[0] == 200
    for path in ("/api/v1/meetings", "/ws", "/m/" + "A" * 22, "/"):
        assert service.request("GET", path)[0] in (404, 405), path
    data = os.path.join(service.folder, "data")
    assert "incamera.db" not in os.listdir(data), os.listdir(data)
    for name in os.listdir(data):
        assert os.stat(os.path.join(data, name)).st_mode & 0o077 == 0, name
    assert service.stop() == 0
    words = service.last_words(10000)
    assert "127.0.0.1" not in words.replace("127.0.0.1:%d" % service.port, ""), words


if __name__ == "__main__":
    every = (killed_in_mid_order, challenge_goes_on, process_apart)
    cases = Cases(*sys.argv[1:3])
    sys.exit(cases.run(*[f for f in every if f.__name__ in (sys.argv[3:] or f.__name__)]))
