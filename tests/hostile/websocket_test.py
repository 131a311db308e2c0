"""WebSockets as no client speaks them: an error and a close, and nobody else notices."""
import random
import re
import socket
import struct
import sys
import time

from target import FACTOR, LIMIT_S, NAMES, check, run, wait_until
from wire import (BINARY, CLOSE, CONTINUE, E_LIMIT, ERROR, FETCH, HELLO, HELLO_OK, OK, PING, PONG, TEXT, Closed, Peer,
                  dial, frame, hello, read_head, upgrade, vec)


def refused(target, what, **options):
    s = dial(target)
    try:
        s.sendall(upgrade(**options))
        status, _, _ = read_head(s)
        check(status != 101, what + " was upgraded")
    except (Closed, ConnectionError):
        pass
    finally:
        s.close()


def bad_upgrades(target):
    refused(target, "no subprotocol", protocol=None)
    refused(target, "another subprotocol", protocol="chat")
    refused(target, "the name of the HTTP handler", protocol="http")
    refused(target, "a subprotocol in capitals", protocol="INCAMERA.V1")
    refused(target, "a long list", protocol=", ".join("p%d" % i for i in range(500)))
    refused(target, "another path", path="/")
    refused(target, "a path below", path="/ws/x")
    refused(target, "a path with a query of dots", path="/ws/../healthz")
    refused(target, "POST", method="POST")
    refused(target, "version 8", version="8")
    refused(target, "a foreign origin", extra="Origin: https://elsewhere.example\r\n")
    refused(target, "an origin of null", extra="Origin: null\r\n")
    refused(target, "an origin of garbage", extra="Origin: ://\r\n")
    refused(target, "no key", key="")
    s = dial(target)
    s.sendall(upgrade(extra="Origin: http://localhost\r\n"))
    check(read_head(s)[0] == 101, "the own origin was refused")
    s.close()


def ends(target, what, send, greet=True, limit_s=LIMIT_S):
    """The connection ends after what `send` does; what came before the end."""
    peer = Peer(target)
    try:
        if greet:
            peer.hello()
        try:
            send(peer)
            return peer.drain(limit_s)
        except ConnectionError:
            return []
        except socket.timeout:
            check(False, what + ": the connection stays open")
    finally:
        peer.close()


def answered(target, what, send, code=E_LIMIT):
    got = ends(target, what, send)
    check(got and got[-1].type == ERROR and got[-1].code == code, "%s: %s" % (what, got))


GOOD = frame(HELLO, 7, hello())


def broken_frames(target):
    ends(target, "an unmasked frame", lambda p: p.send_ws(BINARY, GOOD, mask=False))
    for opcode in (3, 5, 7, 11, 15):
        ends(target, "opcode %d" % opcode, lambda p: p.send_ws(opcode, GOOD))
    for rsv in (1, 2, 4):
        ends(target, "reserved bit %d" % rsv, lambda p: p.send_ws(BINARY, GOOD, rsv=rsv))
    ends(target, "a long ping", lambda p: p.send_ws(PING, b"x" * 126))
    ends(target, "a ping in pieces", lambda p: p.send_ws(PING, b"x", fin=False))
    ends(target, "a piece of nothing", lambda p: p.send_ws(CONTINUE, GOOD))
    ends(target, "a length of 2^63", lambda p: p.raw(b"\x82\xff" + b"\xff" * 8 + bytes(4)))
    ends(target, "a close", lambda p: p.send_ws(CLOSE, struct.pack(">H", 1000)))
    ends(target, "a close with one byte", lambda p: p.send_ws(CLOSE, b"\x03"))
    ends(target, "a close with a reserved code", lambda p: p.send_ws(CLOSE, struct.pack(">H", 1005)))
    ends(target, "a close that is no text", lambda p: p.send_ws(CLOSE, b"\x03\xe8\xff\xff"))
    answered(target, "a text frame", lambda p: p.send_ws(TEXT, b"hello"))
    answered(target, "an empty text frame", lambda p: (p.send_ws(TEXT, b""), p.send_ws(TEXT, b"x")))


def interleaved(target):
    def send(peer):
        peer.send_ws(BINARY, GOOD[:3], fin=False)
        peer.send_ws(BINARY, GOOD)
    ends(target, "a new message inside another", send)
    peer = Peer(target)
    for i, byte in enumerate(GOOD):
        peer.send_ws(CONTINUE if i else BINARY, bytes([byte]), fin=i == len(GOOD) - 1)
        peer.send_ws(PING, b"between")
        peer.send_ws(PONG, b"")
    check(peer.next().type == HELLO_OK, "a message in pieces with pings between them is not taken")
    peer.close()


def long_frames(target):
    for n in (65537, 1 << 20, 1 << 30, 1 << 40):
        answered(target, "%d bytes from a stranger" % n,
                 lambda p, n=n: p.send_ws(BINARY, b"x" * min(n, 5000), length=n))

    def pieces(peer):
        peer.send_ws(BINARY, b"x" * 4000, fin=False)
        for _ in range(40):
            peer.send_ws(CONTINUE, b"x" * 4000, fin=False)
    ends(target, "160 kB in pieces", pieces)  # the answer may be lost: we send when it closes


def fragment_flood(target):
    """Empty pieces cost nothing to keep."""
    peer = Peer(target)
    peer.send_ws(BINARY, b"", fin=False)
    try:
        for _ in range(100):
            peer.raw(b"\x00\x80\0\0\0\0" * 500)
        peer.send_ws(CONTINUE, GOOD, fin=True)
        peer.next()
    except (Closed, ConnectionError):
        pass  # closing such a peer is fine too
    peer.close()


def ping_flood(target):
    peer = Peer(target)
    try:
        for _ in range(100):
            peer.raw(b"\x89\x84\0\0\0\0ping" * 200)
    except (ConnectionError, socket.timeout):
        pass
    peer.close()


def frame_flood(target):
    """More frames than the rate: told, and closed."""
    peer = Peer(target).hello()
    got = []
    try:
        for i in range(30):
            peer.raw(b"".join(b"\x82\x86\0\0\0\0" + frame(99, i * 100 + j + 1) for j in range(100)))
    except ConnectionError:
        pass
    try:
        got = peer.drain(LIMIT_S)
    except ConnectionError:
        pass
    check(not got or got[-1].type == ERROR, "a flood of frames was served: %d answers" % len(got))
    check(len(got) < 1500, "a flood of frames was served")
    peer.close()


def garbage_after_the_upgrade(target):
    rng = random.Random(5)
    for _ in range(60):
        peer = Peer(target)
        try:
            peer.raw(rng.randbytes(rng.randrange(1, 400)))
        except ConnectionError:
            pass
        peer.close()


def compression_is_not_agreed(target):
    s = dial(target)
    s.sendall(upgrade(extra="Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"))
    status, head, _ = read_head(s)
    check(status == 101 and b"deflate" not in head.lower(), "compression was agreed: %d" % status)
    s.close()


def cut_off_anywhere(target):
    whole = upgrade() + b"\x82" + bytes([0x80 | len(GOOD)]) + bytes(4) + GOOD
    for cut in range(0, len(whole), 5):
        s = dial(target)
        s.sendall(whole[:cut])
        if cut % 2:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.close()


def many_connections(target):
    """One address fills its share; others are served."""
    taken = []
    try:
        for _ in range(60):
            taken.append(Peer(target, source="127.0.0.9"))
    except (Closed, ConnectionError):
        pass
    check(len(taken) == 40, "%d connections of one address were taken, not 40" % len(taken))
    Peer(target, source="127.0.0.10").hello().close()
    for peer in taken:
        peer.close()
    wait_until(lambda: can_connect(target, "127.0.0.9"), "the address may connect again")


def silent_connections(target):
    """One address holds no more connections than its share, though it says nothing on them."""
    held = []
    for port in (target.http, target.https):
        for _ in range(80):
            s = socket.socket()
            s.bind(("127.0.0.12", 0))
            s.settimeout(LIMIT_S)
            s.connect(("127.0.0.1", port))
            held.append(s)
    wait_until(lambda: sum(1 for s in held if open_still(s)) <= 80, "one address holds no more than its share")
    wait_until(lambda: target.lines() <= 80 + target.base["lines"], "no more connections are open")
    check(target.get("/healthz") == "ok\n", "others are not served")
    for s in held:
        s.close()
    wait_until(lambda: can_connect(target, "127.0.0.12"), "the address may connect again")


def open_still(s):
    s.setblocking(False)
    try:
        return s.recv(10) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def can_connect(target, source):
    try:
        Peer(target, source=source).close()
        return True
    except (Closed, ConnectionError):
        return False


def too_slow(target):
    return int(re.search(r"websockets_too_slow_total (\d+)", target.get("/metrics")).group(1))


def slow_reader(target):
    """A member that does not read is told so and closed; what it missed waits in the store."""
    slow = target.person(NAMES[1])
    host = target.person(NAMES[0])
    host.make_meeting(target)
    host.connect(target)
    host.enter()
    host.open_group()
    host.admit(slow, target)
    before = too_slow(target)
    text = "a line nobody logs " * 10000
    for _ in range(200):  # how much the system itself holds for who does not read is the system's matter
        last = host.say(text)
        if too_slow(target) > before:
            break
    check(too_slow(target) == before + 1, "nobody was too slow")
    slow.peer.s.settimeout(LIMIT_S)
    got = []
    try:
        while True:
            got.append(slow.peer.next())
    except (Closed, ConnectionError):
        pass
    check(got and got[-1].type == ERROR and got[-1].code == E_LIMIT, "it is not told why: %s" % got[-1:])
    slow.connect(target)
    slow.enter()
    at = 0
    while at < last:
        f = slow.peer.ask(FETCH, vec(slow.group_id) + struct.pack(">Q", at))
        check(f.type == OK and f.number > at, "it does not catch up: at %d of %d %s" % (at, last, f))
        at = f.number
    host.end_meeting()
    for p in (slow, host):
        p.close()
        target.people.remove(p)


def never_hello(target):
    """Who never enters is closed after hello_ms."""
    idle = [Peer(target, source="127.0.0.11") for _ in range(20)]
    began = time.monotonic()
    for peer in idle:
        check(peer.drain(LIMIT_S)[-1].code == E_LIMIT, "an idle connection is closed without a word")
    check(time.monotonic() - began < 4 + 4 * FACTOR, "idle connections stay for %.0f s" % (time.monotonic() - began))
    for peer in idle:
        peer.close()


SETTINGS = {"limits": {"queue_bytes": "1400000", "max_frame": "300000",
                       "connections_per_address": "40", "hello_ms": "4000",
                       "requests_per_min": "1000000"}}

if __name__ == "__main__":
    sys.exit(run(sys.argv, bad_upgrades, broken_frames, interleaved, long_frames, fragment_flood, ping_flood,
                 frame_flood, garbage_after_the_upgrade, compression_is_not_agreed, cut_off_anywhere,
                 many_connections, silent_connections, slow_reader, never_hello, settings=SETTINGS))
