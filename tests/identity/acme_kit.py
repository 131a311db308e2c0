"""An identity service of its own, a DNS server and a web server on loopback, and a small ACME client that can
also do what none should.

    with Stage(build, folder) as stage:
        dns = Dns()
        service = Identity(stage, dns, acme_any_domain="yes")
        me = Client(service)
        me.join()
        order = me.post(me.directory["newOrder"], {"identifiers": [...]})
"""
import base64
import http.client
import http.server
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from harness import LIMIT_S, Failure, Program, free_port, wait_until  # noqa: E402


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# ---- servers on loopback ----

class Dns:
    """Every host is at 127.0.0.1; TXT records are those of `texts`: {name: [text]}."""

    def __init__(self):
        self.texts = {}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
                self.socket.sendto(self._answer(query), peer)
            except (OSError, IndexError, struct.error):
                return

    def _answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
            at += 1 + query[at]
        name = ".".join(labels).lower()
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        question = query[12:at + 5]
        self.asked.append((name, kind))
        records = []
        if kind == 1:
            records.append(bytes([127, 0, 0, 1]))
        if kind == 16:
            records += [bytes([len(t)]) + t.encode() for t in self.texts.get(name, [])]
        answers = b"".join(struct.pack(">HHHIH", 0xC00C, kind, 1, 1, len(r)) + r for r in records)
        return query[:2] + struct.pack(">HHHHH", 0x8580, 1, len(records), 0, 0) + question + answers


class Web:
    """Serves `answers`: {path: (status, headers, body)} on a given port; what was asked is in `asked`."""

    def __init__(self, port):
        self.answers, self.asked = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.headers.get("Host"), self.path))
                status, headers, body = outer.answers.get(self.path, (404, {}, b"nothing\n"))
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Identity(Program):
    """`incamerad --role identity`, plain HTTP on loopback; options are keys of [identity]. With tls, its base_url is
    https://localhost, by a development certificate whose authority is in `ca`."""

    def __init__(self, stage, dns, tls=False, **options):
        self.stage = stage
        self.port, self.tls_port = free_port(), free_port()
        self.challenge_port = free_port()
        self.base = "https://localhost:%d" % self.tls_port if tls else "http://127.0.0.1:%d" % self.port
        self.folder = os.path.join(stage.folder, "identity")
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self.ca = os.path.join(self.folder, "tls", "ca.pem")
        listen = ""
        if tls:
            stage.run("server/incamerad", "dev-cert", os.path.join(self.folder, "tls"), "localhost")
            listen = "127.0.0.1:%d\ncertificate = %s/tls/cert.pem\nprivate_key = %s/tls/key.pem" % (
                self.tls_port, self.folder, self.folder)
        keys = {"base_url": self.base, "resolver": "127.0.0.1:%d" % dns.port,
                "acme_http_port": self.challenge_port, "acme_private_addresses": "yes",
                "acme_any_domain": "yes", "acme_retry_ms": 500, **options}
        self.config = os.path.join(self.folder, "incamerad.conf")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("[server]\nlisten = %s\nlisten_local = 127.0.0.1:%d\n" % (listen, self.port))
            f.write("[paths]\n" + "".join("%s_dir = %s/%s\n" % (k, self.folder, k) for k in ("data", "run")))
            f.write("log_dir =\n[limits]\nrequests_per_min = 100000\n[identity]\n")
            f.write("".join("%s = %s\n" % item for item in keys.items()))
        stage.programs.append(self)
        self.start()

    def start(self):
        Program.__init__(self, "identity", [self.stage.program("server/incamerad"), "--config", self.config,
                                            "--role", "identity"], self.folder, stdin=subprocess.DEVNULL)
        wait_until(self._answers, "the identity service answers")

    def _answers(self):
        if not self.running():
            raise Failure("incamerad does not start: %s" % self.last_words())
        try:
            return self.request("GET", "/acme/directory")[0] == 200
        except OSError:
            return False

    def request(self, method, path, body=None, headers=None):
        """(status, headers, body) of a path or a URL of ours."""
        path = path.removeprefix(self.base)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        try:
            connection.request(method, path, body, headers or {})
            r = connection.getresponse()
            return r.status, r.headers, r.read()
        finally:
            connection.close()

    @property
    def database(self):
        return os.path.join(self.folder, "data", "identity.db")


# ---- keys, by openssl ----

class Key:
    def __init__(self, folder, name, curve="prime256v1"):
        self.path = os.path.join(folder, name + ".key.pem")
        subprocess.run(["openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", self.path],
                       check=True, capture_output=True)
        der = subprocess.run(["openssl", "ec", "-in", self.path, "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        self.alg, self.size, crv = {"prime256v1": ("ES256", 32, "P-256"),
                                    "secp384r1": ("ES384", 48, "P-384")}[curve]
        point = der[-2 * self.size:]
        self.jwk = {"crv": crv, "kty": "EC", "x": b64(point[:self.size]), "y": b64(point[self.size:])}

    def sign(self, message):
        """r || s of RFC 7518 section 3.4."""
        der = subprocess.run(["openssl", "dgst", "-sha%d" % (self.size * 8), "-sign", self.path],
                             input=message, check=True, capture_output=True).stdout
        at, parts = 2, []
        for _ in range(2):
            n = der[at + 1]
            parts.append(int.from_bytes(der[at + 2:at + 2 + n], "big").to_bytes(self.size, "big"))
            at += 2 + n
        return b"".join(parts)

    @property
    def thumbprint(self):
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()
        return b64(subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=text, check=True,
                                  capture_output=True).stdout)


def request_for(folder, names, curve="prime256v1", rsa=None, extra=""):
    """A PKCS #10 request in DER for host names, by a new key that stays in `folder`."""
    key = os.path.join(folder, "certificate.key.pem")
    make = ["openssl", "genrsa", "-out", key, str(rsa)] if rsa else \
        ["openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", key]
    subprocess.run(make, check=True, capture_output=True)
    return subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/", "-outform", "DER", "-addext",
                           "subjectAltName=" + ",".join("DNS:" + n for n in names) + extra],
                          check=True, capture_output=True).stdout


# ---- a client ----

class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.json = json.loads(body) if "json" in headers.get("Content-Type", "") else None

    @property
    def error(self):
        kind = (self.json or {}).get("type", "")
        return kind.removeprefix("urn:ietf:params:acme:error:")

    def __repr__(self):
        return "%d %s" % (self.status, self.body[:300])


class Client:
    def __init__(self, service, name="account", curve="prime256v1"):
        self.service = service
        self.folder = service.stage.folder
        self.key = Key(self.folder, name, curve)
        self.kid = None
        self.nonce = None
        self.last = None
        self.directory = json.loads(service.request("GET", "/acme/directory")[2])

    def fresh_nonce(self):
        return self.service.request("HEAD", self.directory["newNonce"])[1]["Replay-Nonce"]

    def sign(self, to, payload, /, key=None, **header):
        """The body; header overrides, None takes away."""
        key = key or self.key
        protected = {"alg": key.alg, "nonce": self.nonce, "url": to}
        protected.update({"kid": self.kid} if self.kid else {"jwk": key.jwk})
        protected.update(header)
        protected = {k: v for k, v in protected.items() if v is not None}
        first = b64(json.dumps(protected).encode())
        second = b64(payload if isinstance(payload, bytes) else b"" if payload is None
                     else json.dumps(payload).encode())
        signature = b64(key.sign(("%s.%s" % (first, second)).encode()))
        return json.dumps({"protected": first, "payload": second, "signature": signature}).encode()

    def send(self, url, body, kind="application/jose+json"):
        a = Answer(*self.service.request("POST", url, body, {"Content-Type": kind}))
        self.nonce = a.headers.get("Replay-Nonce")
        self.last = body
        return a

    def post(self, to, payload=None, /, **header):
        if not self.nonce:
            self.nonce = self.fresh_nonce()
        return self.send(to, self.sign(to, payload, **header))

    def join(self, **payload):
        a = self.post(self.directory["newAccount"], {"termsOfServiceAgreed": True, **payload})
        if a.status not in (200, 201):
            raise Failure("no account: %r" % a)
        self.kid = a.headers["Location"]
        return a

    # ---- the way to a certificate ----

    def order(self, *names, kind="dns"):
        a = self.post(self.directory["newOrder"], {"identifiers": [{"type": kind, "value": n} for n in names]})
        if a.status != 201:
            raise Failure("no order: %r" % a)
        return Order(self, a)

    def challenge(self, authz, kind):
        a = self.post(authz)
        return next(c for c in a.json["challenges"] if c["type"] == kind)

    def authorization_of(self, token):
        return "%s.%s" % (token, self.key.thumbprint)


class Order:
    def __init__(self, client, answer):
        self.client, self.url = client, answer.headers["Location"]
        self.json = answer.json

    def look(self):
        self.json = self.client.post(self.url).json
        return self.json["status"]

    def prove_by_http(self, web):
        """Answers every http-01 challenge, and waits."""
        for authz in self.json["authorizations"]:
            c = self.client.challenge(authz, "http-01")
            web.answers["/.well-known/acme-challenge/" + c["token"]] = (
                200, {}, self.client.authorization_of(c["token"]).encode() + b"\n")
            self.client.post(c["url"], {})
        wait_until(lambda: self.look() != "pending", "the challenges end")
        return self.json["status"]

    def finalize(self, csr):
        return self.client.post(self.json["finalize"], {"csr": b64(csr)})


def openssl_says(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


def host_of(url):
    return urllib.parse.urlsplit(url).netloc


# ---- people ----

class House:
    """An organisation with a domain that its DNS proved, and people in it, by the administrators' API."""

    def __init__(self, service, dns, name="Ring", domain="ring.example"):
        self.service = service
        said = service.stage.run("server/incamerad", "--config", service.config, "--admin-token", name).stdout
        self.token = next(word for word in said.split() if word.startswith("ica_"))
        made = self.admin("POST", "/domains", {"name": domain})
        dns.texts[made["proof"]["txt_name"].lower()] = [made["proof"]["txt_value"]]
        self.admin("POST", "/domains/%s/verify" % domain, {})

    def admin(self, method, path, body=None):
        return self.call(method, "/api/v1/admin" + path, self.token, body)

    def call(self, method, path, token, body=None, wanted=(200, 201, 204)):
        status, _, text = self.service.request(
            method, path, None if body is None else json.dumps(body).encode(),
            {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        if status not in wanted:
            raise Failure("%s %s: %d %s" % (method, path, status, text[:300]))
        return json.loads(text) if text else None

    def add(self, email, name):
        return Person(self, self.admin("POST", "/users", {"email": email, "name": name}))


class Person:
    """Signed in by an invitation."""

    def __init__(self, house, user):
        self.house, self.id, self.email = house, user["id"], user["email"]
        self.sign_in()

    def sign_in(self):
        invitation = self.house.admin("POST", "/users/%s/invitation" % self.id, {})
        self.session = self.house.call("POST", "/api/v1/identity/signin/invitation", "",
                                       {"token": invitation["token"]})["token"]

    def api(self, method, path, body=None, **more):
        return self.house.call(method, "/api/v1/identity/" + path, self.session, body, **more)

    def enrolment(self, client, label="laptop"):
        return self.api("POST", "enrolments", {"thumbprint": client.key.thumbprint, "device": label})["token"]
