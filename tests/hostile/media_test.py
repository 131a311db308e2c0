"""The media port: STUN, DTLS, SRTP and RTCP that are forged, broken or too many. Silence is the answer, and
whoever has a session keeps it."""
import binascii
import hashlib
import hmac
import os
import random
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

from target import LIMIT_S, check, run
from wire import ERROR, MEDIA_CLOSE, MEDIA_OPEN, MEDIA_OPENED, MEDIA_WANT, OK, media_open, read_vec

COOKIE = 0x2112A442
USERNAME, INTEGRITY, PRIORITY, USE_CANDIDATE, FINGERPRINT, CONTROLLING = 6, 8, 0x24, 0x25, 0x8028, 0x802A


def attribute(kind, value):
    return struct.pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4)


def stun(attributes, kind=1, transaction=None, password=None, fingerprint=True, cookie=COOKIE):
    transaction = os.urandom(12) if transaction is None else transaction

    def head(extra):
        return struct.pack(">HHI", kind, len(attributes) + extra, cookie) + transaction
    if password is not None:
        mac = hmac.new(password, head(24) + attributes, hashlib.sha1).digest()
        attributes += attribute(INTEGRITY, mac)
    if fingerprint:
        crc = binascii.crc32(head(8) + attributes) ^ 0x5354554E
        attributes += attribute(FINGERPRINT, struct.pack(">I", crc))
    return head(0) + attributes


class Media:
    """A member's media session: the answer to MEDIA_OPEN and a UDP socket."""

    def __init__(self, target, person=None, certificate=None):
        self.target = target
        self.person = person or target.host
        pem = certificate or target.path("tls/cert.pem")
        with open(pem) as f:  # the first of its chain
            der = ssl.PEM_cert_to_DER_cert(re.match(r"-----BEGIN.*?-----END [A-Z]+-----", f.read(), re.S).group())
        self.ufrag, self.pwd = b"abcd", b"abcdefghijklmnopqrstuv"
        f = self.person.peer.ask(MEDIA_OPEN, media_open(
            self.ufrag, self.pwd, hashlib.sha256(der).digest(), [(1, 0, 111), (2, 1, 222)]))
        check(f.type == MEDIA_OPENED, "MEDIA_OPEN: %s" % f)
        self.their_ufrag, at = read_vec(f.body, 0)
        self.their_pwd, at = read_vec(f.body, at)
        self.socket = udp()

    def binding(self, password=None, username=None, more=b"", **options):
        name = self.their_ufrag + b":" + self.ufrag if username is None else username
        attributes = (attribute(USERNAME, name) + attribute(PRIORITY, struct.pack(">I", 0x7e0000ff)) +
                      attribute(CONTROLLING, os.urandom(8)) + attribute(USE_CANDIDATE, b"") + more)
        return stun(attributes, password=self.their_pwd if password is None else password, **options)

    def send(self, data):
        self.socket.sendto(data, ("127.0.0.1", self.target.media_port))

    def answered(self, data, limit_s=2.0):
        """Whether a STUN success comes back."""
        self.send(data)
        self.socket.settimeout(limit_s)
        try:
            while True:
                back = self.socket.recv(2048)
                if back[:2] == b"\x01\x01" and back[8:20] == data[8:20]:
                    return True
        except socket.timeout:
            return False

    def reached(self):
        """Whether an honest request is answered: datagrams get lost, so it is asked again."""
        return any(self.answered(self.binding(), 0.5) for _ in range(int(2 * LIMIT_S)))

    def close(self):
        self.person.peer.ask(MEDIA_CLOSE)
        self.socket.close()


def udp(source="127.0.0.1"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    return s


def still_serves(target):
    media = Media(target)
    check(media.reached(), "an honest STUN request is not answered")
    media.close()


def to(target, s, data):
    try:
        s.sendto(data, ("127.0.0.1", target.media_port))
    except OSError:
        pass  # too long for a datagram


def silent(s, what, wait_s=0.2):
    s.settimeout(wait_s)
    try:
        back = s.recv(2048)
        check(False, "%s is answered with %d bytes" % (what, len(back)))
    except socket.timeout:
        pass


def random_datagrams(target):
    rng = random.Random(3)
    s = udp("127.0.0.31")
    for n in list(range(0, 80)) + [100, 576, 1199, 1200, 1201, 1472, 1500, 2047, 2048, 2049, 9000, 65507]:
        for first in (0, 1, 2, 19, 20, 22, 63, 64, 127, 128, 191, 192, 200, 255):
            to(target, s, bytes([first]) + rng.randbytes(n) if n else b"")
    silent(s, "garbage")
    s.close()
    still_serves(target)


def broken_stun(target):
    media = Media(target)
    good = media.binding()
    other = udp("127.0.0.32")
    wrong = {
        "a wrong password": media.binding(password=b"x" * 22), "no password": media.binding(password=b""),
        "the client's password": media.binding(password=media.pwd),
        "another name": media.binding(username=b"zzzz:abcd"), "no name": media.binding(username=b""),
        "a name without a colon": media.binding(username=media.their_ufrag),
        "the name turned round": media.binding(username=media.ufrag + b":" + media.their_ufrag),
        "a long name": media.binding(username=media.their_ufrag + b":" + b"a" * 600),
        "another cookie": media.binding(cookie=0x2112A443),
        "a changed integrity": good[:-20] + bytes([good[-20] ^ 1]) + good[-19:],
        "a changed fingerprint": good[:-1] + bytes([good[-1] ^ 1]),
        "trailing bytes": good + b"\0\0\0\0", "an odd length": good[:2] + b"\0\x05" + good[4:],
        "a long length": good[:2] + b"\xff\xfc" + good[4:], "a cut message": good[:-8],
        "an attribute past the end": stun(struct.pack(">HH", USERNAME, 500) + b"abcd"),
        "many attributes": stun(attribute(0x8000, b"") * 250), "an empty message": stun(b""),
        "a response": stun(b"", kind=0x101), "an error": stun(b"", kind=0x111), "an indication": stun(b"", kind=0x11),
        "an unknown method": stun(attribute(USERNAME, media.their_ufrag + b":abcd"), kind=0x03),
    }
    wrong.update(("cut to %d bytes" % cut, good[:cut]) for cut in range(0, len(good), 3))
    taken = []
    for name, data in wrong.items():
        to(target, other, data)
        other.settimeout(0.02)
        try:
            if other.recv(2048)[:2] == b"\x01\x01":
                taken.append(name)
        except socket.timeout:
            pass
    check(not taken, "answered with success: %s" % taken)
    other.close()
    check(media.reached(), "the honest request is not answered")
    media.close()


def floods(target):
    """Many thousand datagrams from strangers; a member's session goes on meanwhile."""
    media = Media(target)
    check(media.reached(), "an honest STUN request is not answered")
    s = udp("127.0.0.33")
    shapes = [media.binding(password=b"x" * 22), stun(b""), b"\x16\xfe\xfd" + bytes(100), b"\x80" + bytes(60), b"\xff" * 1200]
    for i in range(20000):
        to(target, s, shapes[i % len(shapes)])
    check(media.reached(), "the member's session did not survive the flood")
    s.close()
    media.close()


class Relay(threading.Thread):
    """Between `openssl s_client` and the server: DTLS passes both ways from the socket that ICE knows."""

    def __init__(self, media):
        super().__init__(daemon=True)
        self.media, self.inside, self.client = media, udp(), None
        self.over = threading.Event()
        self.spoil = None
        self.inside.settimeout(0.05)
        media.socket.settimeout(0.05)

    def run(self):
        while not self.over.is_set():
            try:
                data, self.client = self.inside.recvfrom(4096)
                self.media.send(self.spoil(data) if self.spoil else data)
            except OSError:
                pass
            self.back()

    def back(self):
        self.media.socket.settimeout(0.01)
        try:
            data = self.media.socket.recv(4096)
            if self.client and 20 <= data[0] < 64:
                self.inside.sendto(data, self.client)
        except OSError:
            pass


def handshake(media, certificate=None, key=None, spoil=None, limit_s=LIMIT_S):
    """True where DTLS completes with SRTP; what s_client says."""
    relay = Relay(media)
    relay.spoil = spoil
    relay.start()
    port = relay.inside.getsockname()[1]
    target = media.target
    command = ["openssl", "s_client", "-dtls1_2", "-connect", "127.0.0.1:%d" % port, "-use_srtp",
               "SRTP_AEAD_AES_128_GCM", "-cert", certificate or target.path("tls/cert.pem"), "-key",
               key or target.path("tls/key.pem"), "-mtu", "1200"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = b""
    end = time.monotonic() + limit_s
    os.set_blocking(process.stdout.fileno(), False)
    while time.monotonic() < end and b"Verify return code" not in output and process.poll() is None:
        output += process.stdout.read() or b""
        time.sleep(0.02)
    relay.over.set()
    relay.join()
    process.kill()
    process.wait()
    process.stdout.close()
    process.stdin.close()
    relay.inside.close()
    return b"SRTP Extension negotiated" in output and b"Cipher is (NONE)" not in output, output


def forged_srtp(target):
    """After a real handshake: SRTP and RTCP that nobody with the keys made."""
    media = Media(target)
    check(media.reached(), "an honest STUN request is not answered")
    done, output = handshake(media)
    check(done, "DTLS does not complete: %s" % output[-600:])
    rng = random.Random(8)
    for i in range(3000):
        kind = i % 6
        ssrc = struct.pack(">I", (111, 222, 0, rng.getrandbits(32))[i % 4])
        head = bytes([0x80 | rng.choice((0, 0, 0x10, 0x20, 0x0f, 0x3f)), rng.choice((111, 96, 111 | 0x80, 0, 127))])
        if kind < 3:
            data = head + struct.pack(">HI", i & 0xffff, i) + ssrc + rng.randbytes(rng.randrange(0, 300))
        elif kind == 3:  # an extension that is longer than the packet
            data = b"\x90\x6f" + struct.pack(">HI", i & 0xffff, i) + ssrc + b"\xbe\xde\xff\xff" + rng.randbytes(40)
        elif kind == 4:
            data = bytes([0x80 | rng.randrange(32), rng.choice((200, 201, 202, 203, 204, 205, 206))]) + \
                struct.pack(">H", rng.randrange(0, 80)) + ssrc + rng.randbytes(rng.randrange(0, 120))
        else:
            data = head + rng.randbytes(rng.randrange(0, 14))
        media.send(data)
        if i % 500 == 0:
            time.sleep(0.02)
    check(media.reached(), "the session did not survive forged media")
    media.close()


def record(kind, body, epoch=0, seq=0, version=b"\xfe\xfd", length=None):
    return bytes([kind]) + version + struct.pack(">HHIH", epoch, seq >> 32, seq & 0xffffffff,
                                                 len(body) if length is None else length) + body


def message(kind, body, total=None, seq=0, at=0, length=None):
    def u24(n):
        return struct.pack(">I", n)[1:]
    return bytes([kind]) + u24(len(body) if total is None else total) + struct.pack(">H", seq) + u24(at) + \
        u24(len(body) if length is None else length) + body


CLIENT_HELLO = b"\xfe\xfd" + bytes(32) + b"\0\0" + b"\0\x02\xc0\x2b" + b"\1\0" + b"\0\0"


def dtls_garbage(target):
    """From the address of a session, after ICE: records and fragments of no honest stack."""
    rng = random.Random(11)
    pieces = [message(1, CLIENT_HELLO[i:i + 1], len(CLIENT_HELLO), 0, i) for i in range(len(CLIENT_HELLO))]
    shapes = [
        [record(22, b"")], [record(22, message(1, CLIENT_HELLO))], [record(22, message(1, CLIENT_HELLO), version=b"\x03\x03")],
        [record(22, message(1, CLIENT_HELLO), length=60000)], [record(22, message(1, CLIENT_HELLO, total=1 << 23))],
        [record(22, message(1, CLIENT_HELLO, length=1 << 23))], [record(22, message(1, CLIENT_HELLO, at=1 << 23))],
        [record(22, p, seq=i) for i, p in enumerate(pieces)], [record(22, p, seq=i) for i, p in enumerate(reversed(pieces))],
        [record(22, message(1, b"x" * 100, 10 ** 6, 0, i * 50), seq=i) for i in range(100)],
        [record(22, message(1, b"x" * 10, 0xffffff, s, 0), seq=s) for s in range(200)],
        [record(20, b"\1")], [record(21, b"\2\x28")], [record(21, b"\1\0")], [record(21, b"")], [record(23, b"data")],
        [record(22, os.urandom(60), epoch=1)], [record(22, os.urandom(60), epoch=65535, seq=2 ** 47)],
        [record(k, rng.randbytes(rng.randrange(80)), rng.randrange(3), rng.randrange(9)) for k in range(20, 64)],
        [record(22, message(k, rng.randbytes(rng.randrange(60)), seq=k % 3)) for k in range(0, 30)],
        [record(22, message(1, CLIENT_HELLO)) * 40], [record(22, rng.randbytes(1100), seq=i) for i in range(300)],
    ]
    for shape in shapes:
        media = Media(target)
        check(media.reached(), "an honest STUN request is not answered")
        for data in shape:
            media.send(data)
        media.close()
    media = Media(target)
    check(media.reached(), "an honest STUN request is not answered")
    for data in shapes[18] + shapes[19]:
        media.send(data)
    media.close()
    media = Media(target)
    check(media.reached(), "an honest STUN request is not answered")
    done, output = handshake(media)
    check(done, "an honest DTLS handshake afterwards: %s" % output[-600:])
    media.close()


def mutated_handshakes(target):
    """A real client whose datagrams change on the way."""
    rng = random.Random(4)

    def bits(data):
        bad = bytearray(data)
        for _ in range(rng.randrange(1, 3)):
            bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        return bytes(bad)

    def cut(data):
        return data[:rng.randrange(1, len(data) + 1)]

    for spoil in (bits, cut, lambda d: d + rng.randbytes(30), bits):
        media = Media(target)
        check(media.reached(), "an honest STUN request is not answered")
        handshake(media, spoil=spoil, limit_s=0.7)
        media.close()


def another_certificate(target):
    """The DTLS certificate must be the one that was signalled."""
    target.command("dev-cert", target.path("other"), "localhost")
    media = Media(target)
    check(media.reached(), "an honest STUN request is not answered")
    done, output = handshake(media, target.path("other/cert.pem"), target.path("other/key.pem"), limit_s=3)
    check(not done or b"alert" in output, "another certificate is taken: %s" % output[-400:])
    media.close()


def bad_media_frames(target):
    print_of = bytes(32)
    peer = target.host.peer
    for what, body in (
            ("a short ufrag", media_open("a", "p" * 22, print_of)), ("a short password", media_open("abcd", "p", print_of)),
            ("a ufrag with a space", media_open("ab d", "p" * 22, print_of)),
            ("a long password", media_open("abcd", "p" * 250, print_of)),
            ("the same SSRC twice", media_open("abcd", "p" * 22, print_of, [(1, 0, 5), (2, 1, 5)])),
            ("too many slots", media_open("abcd", "p" * 22, print_of, (), 255, 255))):
        f = peer.ask(MEDIA_OPEN, body)
        check(f.type == ERROR, "%s: %s" % (what, f))
    for i in range(50):  # opened again and again
        f = peer.ask(MEDIA_OPEN, media_open("abcd", "p" * 22, print_of, [(1, 0, i + 1)]))
        check(f.type in (MEDIA_OPENED, ERROR), "MEDIA_OPEN %d: %s" % (i, f))
    f = peer.ask(MEDIA_WANT, struct.pack(">H", 64) + b"\xff" * 256)
    check(f.type in (OK, ERROR), "MEDIA_WANT of nothing: %s" % f)
    peer.ask(MEDIA_CLOSE)
    f = peer.ask(MEDIA_CLOSE)
    check(f.type in (OK, ERROR), "MEDIA_CLOSE twice: %s" % f)
    still_serves(target)


SETTINGS = {"limits": {"frames_per_s": "10000"}}

if __name__ == "__main__":
    sys.exit(run(sys.argv, random_datagrams, broken_stun, floods, dtls_garbage, mutated_handshakes,
                 another_certificate, forged_srtp, bad_media_frames, settings=SETTINGS))
