"""The log of certificates as anybody can check it: docs/protocol/log.md in Python, with openssl for signatures and
certificates, and nothing of the library. And an organisation with people, to have something to log."""
import hashlib
import json
import os
import struct

from acme_kit import Client, openssl_says, unb64
from harness import Failure


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- the tree, RFC 9162 section 2.1 ----

def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def root_of(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\1", root_of(leaves[:k]), root_of(leaves[k:]))


def path_of(index, leaves):
    """Section 2.1.3.1, word by word."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return path_of(index, leaves[:k]) + [root_of(leaves[k:])]
    return path_of(index - k, leaves[k:]) + [root_of(leaves[:k])]


def consistency_of(first, leaves, whole=True):
    """Section 2.1.4.1: SUBPROOF."""
    n = len(leaves)
    if first == n:
        return [] if whole else [root_of(leaves)]
    k = split(n)
    if first <= k:
        return consistency_of(first, leaves[:k], whole) + [root_of(leaves[k:])]
    return consistency_of(first - k, leaves[k:], False) + [root_of(leaves[:k])]


# ---- encodings ----

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        part = self.data[self.at:self.at + n]
        if len(part) != n:
            raise Failure("%d bytes are missing" % (n - len(part)))
        self.at += n
        return part

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def vector(self):
        first = self.take(1)[0]
        more = {0: 0, 1: 1, 2: 3}[first >> 6]
        return self.take(int.from_bytes(bytes([first & 63]) + self.take(more), "big"))

    def end(self):
        if self.at != len(self.data):
            raise Failure("%d bytes are left over" % (len(self.data) - self.at))


def vector(data):
    n = len(data)
    return (bytes([n]) if n < 64 else struct.pack(">H", n | 0x4000)) + data


def hashes(data):
    if len(data) % 32:
        raise Failure("no whole hashes")
    return [data[i:i + 32] for i in range(0, len(data), 32)]


class Head:
    def __init__(self, data):
        r = Reader(data)
        if r.number(1) != 1:
            raise Failure("another version of heads")
        self.log, self.size, self.time_ms, self.root = r.take(32), r.number(8), r.number(8), r.take(32)
        self.signed, self.signature = data[:r.at], r.vector()
        r.end()

    def check(self, folder, log):
        """By openssl, with the key that the trust list gives."""
        key = unb64(log["key"])
        assert log["sig"] == 0x0403 and self.log == sha256(struct.pack(">H", log["sig"]), key)
        # SubjectPublicKeyInfo of a P-256 point.
        der = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + key
        names = {n: os.path.join(folder, "head." + n) for n in ("key", "signature", "content")}
        content = vector(b"MLS 1.0 InCamera Tree Head") + vector(self.signed)
        for name, data in (("key", der), ("signature", self.signature), ("content", content)):
            with open(names[name], "wb") as f:
                f.write(data)
        openssl_says("dgst", "-sha256", "-keyform", "DER", "-verify", names["key"], "-signature",
                     names["signature"], names["content"])


class Staple:
    def __init__(self, data):
        r = Reader(data)
        if r.number(1) != 1:
            raise Failure("another version of staples")
        self.time_ms, self.index = r.number(8), r.number(8)
        self.path, self.head = hashes(r.vector()), Head(r.vector())
        r.end()


def entry(time_ms, der, issuer, names):
    """names: [(kind, name)], kind 1 e-mail, 2 DNS, 6 URI."""
    labels = sorted({sha256(b"InCamera Log Name\0", bytes([k]), n.lower().encode()) for k, n in names})
    return (b"\1" + struct.pack(">Q", time_ms) + sha256(issuer) + sha256(der) + vector(b"".join(labels)))


def leaf_of(encoded):
    return sha256(b"\0", encoded)


# ---- an organisation ----

class Organisation:
    """One with a verified domain, ring.example, and people who come by invitation."""

    def __init__(self, service, dns):
        self.service = service
        done = service.stage.run("server/incamerad", "--config", service.config, "--admin-token", "Ring")
        self.token = done.stdout.split()[-1]
        domain = self.admin("POST", "domains", {"name": "ring.example"}, 201)
        proof = domain["proof"]
        dns.texts[proof["txt_name"].lower().rstrip(".")] = [proof["txt_value"]]
        self.admin("POST", "domains/ring.example/verify", {}, 200)

    def ask(self, method, path, body, token, want):
        headers = {"Authorization": "Bearer " + token} if token else {}
        headers["Content-Type"] = "application/json"
        status, _, answer = self.service.request(method, path, None if body is None else json.dumps(body), headers)
        if status != want:
            raise Failure("%s %s: %d, not %d: %s" % (method, path, status, want, answer[:300]))
        return json.loads(answer) if answer else None

    def admin(self, method, path, body, want):
        return self.ask(method, "/api/v1/admin/" + path, body, self.token, want)

    def invitation(self, email, name):
        made = self.admin("POST", "users", {"email": email, "name": name}, 201)
        return self.admin("POST", "users/%s/invitation" % made["id"], {}, 201)["token"]

    def person(self, email, name):
        """Signed in: a session's token."""
        token = self.invitation(email, name)
        return self.ask("POST", "/api/v1/identity/signin/invitation", {"token": token}, None, 201)["token"]

    def log(self, what, session=None, want=200):
        return self.ask("GET", "/api/v1/identity/log/" + what, None, session, want)

    def enrol(self, session, email, device):
        """A certificate of the person for a new key, in DER, and the root that issued it."""
        me = Client(self.service, device)
        token = self.ask("POST", "/api/v1/identity/enrolments", {"thumbprint": me.key.thumbprint, "device": device},
                         session, 201)["token"]
        me.join()
        order = me.order(email, kind="email")
        c = me.challenge(order.json["authorizations"][0], "incamera-token-01")
        me.post(c["url"], {"token": token})
        if order.look() != "ready":
            raise Failure("the order is %r" % order.json)
        key = os.path.join(me.folder, device + ".certificate.pem")
        openssl_says("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        csr = openssl_says("req", "-new", "-key", key, "-subj", "/", "-outform", "DER", "-addext",
                           "subjectAltName=email:" + email)
        done = order.finalize(csr)
        if done.status != 200:
            raise Failure("no certificate: %r" % done)
        order.look()
        chain = me.post(order.json["certificate"]).body
        parts = [b"-----BEGIN CERTIFICATE-----" + p for p in chain.split(b"-----BEGIN CERTIFICATE-----")[1:]]
        return tuple(openssl_says("x509", "-outform", "DER", data=p) for p in parts)
