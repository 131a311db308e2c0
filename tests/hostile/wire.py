"""Frames, WebSockets and members, so far as attacks need them: everything can be sent wrong."""
import base64
import hashlib
import os
import socket
import ssl
import struct
import subprocess
import time

HELLO, HELLO_OK, ENTER, ENTERED, OK, ERROR, DRAINING = 1, 2, 3, 4, 5, 6, 7
KNOCK, KNOCKED, KNOCK_GONE, REFUSE, REFUSED = 10, 11, 12, 13, 14
CREATE_GROUP, COMMIT, PROPOSE, SEND, MESSAGE, WELCOME = 20, 21, 22, 23, 24, 25
GET_TREE, TREE, GET_GROUP_INFO, GROUP_INFO, FETCH, CANNOT_APPLY = 26, 27, 28, 29, 30, 31
REPLACE, GROUP_OPEN, PRESENCE, LEAVE, END, ENDED = 32, 33, 34, 35, 36, 37
MEDIA_OPEN, MEDIA_OPENED, MEDIA_CLOSE, MEDIA_WANT, MEDIA_SOURCES, MEDIA_SLOTS = 50, 51, 52, 53, 54, 55
TYPES = [1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14] + list(range(20, 38)) + list(range(50, 56))

E_MALFORMED, E_UNSUPPORTED, E_NOT_FOUND, E_DENIED, E_STALE = 1, 2, 3, 4, 5
E_INVALID, E_LIMIT, E_STATE, E_SERVER, E_EXISTS = 6, 7, 8, 9, 10

TEXT, BINARY, CONTINUE, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
TIMEOUT_S = 60 * float(os.environ.get("IC_TIME_FACTOR", "1"))


# ---- encoding ----

def vec(data):
    """A variable-size vector of RFC 9420 section 2.1.2."""
    if isinstance(data, str):
        data = data.encode()
    n = len(data)
    head = bytes([n]) if n < 64 else struct.pack(">H", n | 0x4000) if n < 16384 else \
        struct.pack(">I", n | 0x80000000)
    return head + data


def read_vec(data, at):
    kind = data[at] >> 6
    size = 1 << kind
    n = int.from_bytes(data[at:at + size], "big") & ((1 << (8 * size - 2)) - 1)
    return data[at + size:at + size + n], at + size + n


def frame(kind, request, body=b""):
    return struct.pack(">HI", kind, request) + body


def hello(client="test/1", now_ms=0, minor=0, web=0):
    return struct.pack(">H", minor) + vec(client) + struct.pack(">QB", now_ms, web)


def enter(ref_kind, ref, suite=0, key=b"", signature=b""):
    return bytes([ref_kind]) + vec(ref) + struct.pack(">H", suite) + vec(key) + vec(signature)


def commit(group_id, epoch, message, welcome=b"", info=b"", admission=b"", replaces=0, knocks=b""):
    return (vec(group_id) + struct.pack(">Q", epoch) + vec(message) + vec(welcome) + vec(info) +
            vec(admission) + bytes([replaces]) + vec(knocks))


def media_open(ufrag, pwd, fingerprint, sources=(), audio=4, video=4):
    """sources: (kind, context, ssrc)"""
    body = vec(ufrag) + vec(pwd) + vec(fingerprint) + struct.pack(">H", len(sources))
    for kind, context, ssrc in sources:
        body += struct.pack(">IBBII", 0, kind, context, ssrc, 0)
    return body + bytes([audio, video])


class Frame:
    def __init__(self, data):
        self.data = data
        self.type, self.request = struct.unpack(">HI", data[:6])
        self.body = data[6:]

    @property
    def code(self):
        return struct.unpack(">H", self.body[:2])[0]

    @property
    def text(self):
        return read_vec(self.body, 2)[0].decode()

    @property
    def number(self):
        return struct.unpack(">Q", self.body)[0]

    def __repr__(self):
        return "frame %d%s" % (self.type, " %d %s" % (self.code, self.text) if self.type == ERROR else "")


# ---- a WebSocket ----

class Closed(EOFError):
    """The server closed the connection."""


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the attacks are not about trust
    return context


def dial(target, tls=False, source=None, receive_buffer=None):
    s = socket.socket()
    s.settimeout(TIMEOUT_S)
    if receive_buffer:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if source:
        s.bind((source, 0))
    s.connect(("127.0.0.1", target.https if tls else target.http))
    return tls_context().wrap_socket(s, server_hostname="localhost") if tls else s


def upgrade(protocol="incamera.v1", path="/ws", method="GET", key=None, version="13", extra=""):
    key = base64.b64encode(os.urandom(16)).decode() if key is None else key
    return ("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: %s\r\nSec-WebSocket-Key: %s\r\n%s%s\r\n" % (
                method, path, version, key,
                "Sec-WebSocket-Protocol: %s\r\n" % protocol if protocol else "", extra)).encode()


def read_head(s):
    """Status and what follows the header; Closed where nothing comes."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(4096)
        if not more:
            raise Closed("no answer")
        data += more
    head, rest = data.split(b"\r\n\r\n", 1)
    return int(head.split()[1]), head, rest


class Peer:
    """A WebSocket of incamera.v1."""

    def __init__(self, target, tls=False, source=None, receive_buffer=None, **options):
        self.s = dial(target, tls, source, receive_buffer)
        self.s.sendall(upgrade(**options))
        try:
            status, _, self.data = read_head(self.s)
        except BaseException:
            self.s.close()
            raise
        if status != 101:
            self.s.close()
            raise Closed("the upgrade was answered %d" % status)
        self.request = 0
        self.closed_code = None

    def close(self):
        self.s.close()

    def raw(self, data):
        self.s.sendall(data)

    def send_ws(self, opcode, payload, fin=True, mask=True, rsv=0, length=None):
        n = len(payload) if length is None else length
        head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
        m = 0x80 if mask else 0
        head += bytes([m | n]) if n < 126 else bytes([m | 126]) + struct.pack(">H", n) if n < 65536 \
            else bytes([m | 127]) + struct.pack(">Q", n)
        self.raw(head + (bytes(4) if mask else b"") + payload)  # a mask of zeros masks nothing

    def _need(self, n):
        while len(self.data) < n:
            more = self.s.recv(65536)
            if not more:
                raise Closed("closed")
            self.data += more
        piece, self.data = self.data[:n], self.data[n:]
        return piece

    def next_ws(self):
        first, second = self._need(2)
        n = second & 0x7f
        if n == 126:
            n, = struct.unpack(">H", self._need(2))
        elif n == 127:
            n, = struct.unpack(">Q", self._need(8))
        payload = self._need(n)
        if first & 15 == CLOSE:
            self.closed_code = struct.unpack(">H", payload[:2])[0] if len(payload) > 1 else 0
            raise Closed("closed with %s" % self.closed_code)
        return first & 15, first >> 7, payload

    def next(self):
        """The next whole frame."""
        whole = b""
        while True:
            opcode, fin, payload = self.next_ws()
            if opcode in (PING, PONG):
                continue
            whole += payload
            if fin:
                return Frame(whole)

    def send(self, kind, body=b"", request=None):
        if request is None:
            self.request += 1
            request = self.request
        self.send_ws(BINARY, frame(kind, request, body))
        return request

    def ask(self, kind, body=b""):
        """The answer; events before it are dropped, but for those that `keep` wants."""
        request = self.send(kind, body)
        while True:
            f = self.next()
            if f.request == request or (f.request == 0 and f.type == ERROR):
                return f

    def wait(self, kind):
        while True:
            f = self.next()
            if f.type == kind:
                return f

    def drain(self, limit_s=5):
        """Reads to the end; the frames that came."""
        got = []
        self.s.settimeout(limit_s)
        try:
            while True:
                got.append(self.next())
        except (Closed, ConnectionError):
            return got

    def hello(self):
        f = self.ask(HELLO, hello())
        assert f.type == HELLO_OK, f
        _, at = read_vec(f.body, 2)
        self.nonce, _ = read_vec(f.body, at + 8)
        return self


# ---- a member ----

class Person:
    """A member with a real group (person.c) and, once connected, a WebSocket."""

    def __init__(self, program, name):
        self.process = subprocess.Popen([program, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.peer = None
        self.key, = self.do("key")

    def do(self, command, *arguments):
        words = [command] + [a if isinstance(a, str) else a.hex() or "-" for a in arguments]
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer or answer[0] != "ok":
            raise ValueError("%s: %s" % (command, " ".join(answer)))
        return [a if a.isdigit() and len(a) < 8 else b"" if a == "-" else bytes.fromhex(a)
                for a in answer[1:]]

    def make_meeting(self, target, title="A title nobody logs"):
        self.meeting_id, self.terms = self.do("terms")
        text = base64.urlsafe_b64encode(self.terms).decode().rstrip("=")
        status, self.meeting = target.api("POST", "/api/v1/meetings", {"terms": text, "title": title})
        assert status == 201, (status, self.meeting)
        self.ref = self.meeting["id"]

    def connect(self, target, **options):
        if self.peer:
            self.peer.close()
        self.peer = Peer(target, **options).hello()

    def sign(self, ref):
        return self.do("sign", self.peer.nonce, ref.encode())[0]

    def ask_enter(self, ref=None, ref_kind=1, signature=None):
        ref = self.ref if ref is None else ref
        signature = self.sign(ref) if signature is None else signature
        return self.peer.ask(ENTER, enter(ref_kind, ref, 2, self.key, signature))

    def enter(self, ref=None):
        if ref:
            self.ref = ref
        f = self.ask_enter()
        assert f.type == ENTERED, f
        self.server_key = read_vec(f.body, self._after_entered(f.body))[0]
        return f

    @staticmethod
    def _after_entered(body):
        """Where external_sender stands."""
        _, at = read_vec(body, 0)
        at += 1
        for _ in range(3):
            _, at = read_vec(body, at)
        at += 2
        _, at = read_vec(body, at)
        return at + 33

    def open_group(self):
        self.group_id, info, tree = self.do("group", self.server_key)
        f = self.peer.ask(CREATE_GROUP, vec(info) + vec(tree) + vec(b""))
        assert f.type == OK, f

    def admit(self, other, target):
        """other enters, knocks, is added by us, and joins."""
        other.connect(target)
        other.enter(self.ref)
        package, = other.do("package")
        f = other.peer.ask(KNOCK, vec(package) + vec(b""))
        assert f.type == OK, f
        knock = struct.pack(">Q", f.number)
        epoch, message, welcome, info = self.do("commit", package)
        f = self.peer.ask(COMMIT, commit(self.group_id, int(epoch), message, welcome, info, knocks=knock))
        assert f.type == OK, f
        self.do("merge")
        other.join()

    def join(self):
        body = self.peer.wait(WELCOME).body
        self.group_id, at = read_vec(body, 0)
        welcome, at = read_vec(body, at + 8)
        tree_hash, at = read_vec(body, at)
        f = self.peer.ask(GET_TREE, vec(self.group_id) + vec(tree_hash))
        assert f.type == TREE, f
        self.do("join", welcome, read_vec(f.body, 0)[0])

    def say(self, text):
        message, = self.do("say", text.encode())
        f = self.peer.ask(SEND, vec(self.group_id) + vec(message) + b"\0")
        assert f.type == OK, f
        return f.number

    def end_meeting(self):
        f = self.peer.ask(END)
        assert f.type == OK, f

    def close(self):
        if self.peer:
            self.peer.close()
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(TIMEOUT_S)
            self.process.stdout.close()
