"""A server's own public certificate: ordered by ACME at another incamerad, proved on a plain listener that serves nothing
else, renewed without dropping a connection, and the same key all the time."""
import hashlib
import http.client
import os
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from acme_kit import Dns, Identity  # noqa: E402
from harness import LIMIT_S, Cases, Failure, Program, free_port, wait_until  # noqa: E402

NAME = "meet.ring.example"


class Meetings(Program):
    """incamerad with [acme] and nothing else that is special."""

    def __init__(self, stage, directory, challenge_port, **acme):
        self.stage, self.port, self.challenge_port = stage, free_port(), challenge_port
        self.folder = os.path.join(stage.folder, "meetings")
        os.makedirs(self.folder, exist_ok=True)
        self.config = os.path.join(self.folder, "incamerad.conf")
        keys = {"directory": directory, "domains": NAME, "listen": "127.0.0.1:%d" % challenge_port, "agree": "yes", **acme}
        with open(self.config, "w") as f:
            f.write("[server]\nlisten = 127.0.0.1:%d\nlisten_local =\n[media]\nenabled = no\n[paths]\n" % self.port)
            f.write("".join("%s_dir = %s/%s\n" % (k, self.folder, k) for k in ("data", "run")) + "log_dir =\n")
            f.write("[identity]\nenabled = no\n[acme]\n" + "".join("%s = %s\n" % kv for kv in keys.items()))
        self.start()
        stage.programs.append(self)

    def start(self):
        Program.__init__(self, "meetings", [self.stage.program("server/incamerad"), "--config", self.config], self.folder,
                         stdin=subprocess.DEVNULL)
        wait_until(self.answers, "the server answers")

    def answers(self):
        if not self.running():
            raise Failure("incamerad does not start: %s" % self.last_words())
        try:
            return bool(self.shown())
        except OSError:
            return False

    def shown(self):
        """The certificate that a newcomer is shown, in DER."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), LIMIT_S) as raw:
            with context.wrap_socket(raw, server_hostname=NAME) as tls:
                return tls.getpeercert(binary_form=True)

    def verified_by(self, root):
        """Whether somebody who trusts that root alone gets in by the name."""
        context = ssl.create_default_context(cafile=root)
        try:
            with socket.create_connection(("127.0.0.1", self.port), LIMIT_S) as raw:
                with context.wrap_socket(raw, server_hostname=NAME) as tls:
                    return tls.getpeercert()
        except ssl.SSLError:
            return None

    def plain(self, path, method="GET", headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.challenge_port, timeout=LIMIT_S)
        c.request(method, path, headers=headers or {})
        answer = c.getresponse()
        status, text = answer.status, answer.read()
        c.close()
        return status, text


def key_of(der):
    made = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-pubkey"], input=der, stdout=subprocess.PIPE,
                          check=True)
    return hashlib.sha256(made.stdout).hexdigest()


def service(stage, **options):
    identity = Identity(stage, Dns(), **options)
    stage.programs.append(identity)
    root = os.path.join(stage.folder, "root.pem")
    with open(root, "wb") as f:
        f.write(identity.request("GET", "/pki/root.pem")[2])
    return identity, root


def a_server_gets_its_certificate_and_renews_it(stage):
    identity, root = service(stage, device_certificate_s=60)
    server = Meetings(stage, identity.base + "/acme/directory", identity.challenge_port)
    first_key = key_of(server.shown())
    seen = wait_until(lambda: server.verified_by(root), "a certificate that the root vouches for")
    assert ("DNS", NAME) in seen["subjectAltName"], seen
    assert key_of(server.shown()) == first_key, "links pin the key"
    first = server.shown()
    # A connection that is there stays, and is served, while the certificate changes.
    context = ssl.create_default_context(cafile=root)
    raw = socket.create_connection(("127.0.0.1", server.port), LIMIT_S)
    line = http.client.HTTPConnection("127.0.0.1", server.port)
    line.sock = context.wrap_socket(raw, server_hostname=NAME)
    began = time.monotonic()
    while server.shown() == first:
        line.request("GET", "/healthz")
        assert line.getresponse().read() is not None
        if time.monotonic() - began > 58:
            raise Failure("it is not renewed: %s" % server.last_words())
        time.sleep(1)
    assert time.monotonic() - began > 20, "not before its time"
    line.request("GET", "/healthz")
    assert line.getresponse().status == 200, "the old connection goes on"
    assert server.verified_by(root) and key_of(server.shown()) == first_key
    # Through a restart.
    serial = server.shown()
    server.stop()
    server.start()
    assert server.verified_by(root) and key_of(server.shown()) == first_key and serial


def the_plain_listener_serves_nothing_else(stage):
    identity, root = service(stage)
    server = Meetings(stage, identity.base + "/acme/directory", identity.challenge_port)
    wait_until(lambda: server.verified_by(root), "a certificate")
    for path in ("/", "/healthz", "/m/abc", "/api/v1/meetings", "/acme/directory", "/.well-known/acme-challenge/",
                 "/.well-known/acme-challenge/unknown", "/.well-known/acme-challenge/../../healthz"):
        status, text = server.plain(path)
        assert status in (403, 404) and b"incamera" not in text.lower(), (path, status, text)
    status, _ = server.plain("/api/v1/meetings", "POST", {"Content-Length": "0"})
    assert status in (403, 404, 405), status
    upgrade = None
    try:
        upgrade = server.plain("/ws", headers={"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                                                 "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
                                                 "Sec-WebSocket-Protocol": "incamera.v1"})
    except (http.client.RemoteDisconnected, ConnectionResetError):
        pass
    assert upgrade is None or upgrade[0] != 101, "no meeting without TLS"


def an_authority_that_refuses_is_named_and_asked_again(stage):
    identity, root = service(stage, acme_any_domain="no")
    server = Meetings(stage, identity.base + "/acme/directory", identity.challenge_port)
    wait_until(lambda: "own_certificate_refused" in server.last_words(), "the refusal in the log")
    assert "rejectedIdentifier" in server.last_words(), server.last_words()
    assert "retry_s=10" in server.last_words() and server.running()
    assert server.verified_by(root) is None


def what_cannot_be_is_said_at_the_start(stage):
    identity, _ = service(stage)
    for keys, words in (({"directory": "http://ca.example/d"}, "no https URL"), ({"domains": ""}, "needs domains"),
                        ({"listen": "nowhere"}, "no address:port")):
        try:
            Meetings(stage, keys.pop("directory", identity.base + "/acme/directory"), identity.challenge_port, **keys)
        except Failure as failure:
            assert words in str(failure), failure
        else:
            raise Failure("%s is taken" % words)


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        a_server_gets_its_certificate_and_renews_it, the_plain_listener_serves_nothing_else,
        an_authority_that_refuses_is_named_and_asked_again, what_cannot_be_is_said_at_the_start))
