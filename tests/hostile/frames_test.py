"""Frames of every type, wrong in every way that a body can be wrong, in every order, from whomever."""
import os
import random
import re
import socket
import struct
import sys
import time

from target import NAMES, check, run
from wire import (CREATE_GROUP, E_DENIED, E_LIMIT, E_MALFORMED, E_NOT_FOUND, E_STATE, E_UNSUPPORTED, END, ENTER,
                  ENTERED, ERROR, HELLO, HELLO_OK, KNOCK, MEDIA_OPEN, OK, TYPES, Closed, Peer, commit, enter,
                  frame, hello, media_open, vec)

GROUP, HASH, KEY = b"g" * 32, b"h" * 32, b"k" * 65
# Every type that a client may send, with a body that decodes.
BODIES = {
    1: hello(), 3: enter(1, "AAAAAAAAAAAAAAAAAAAAAA", 2, KEY, b"s" * 70), 10: vec(b"package") + vec(b""),
    13: struct.pack(">QB", 1, 1), 20: vec(b"info") + vec(b"tree") + vec(b""),
    21: commit(GROUP, 1, b"commit", b"welcome", b"info", b"", 0, bytes(8)), 22: vec(GROUP) + vec(b"proposal"),
    23: vec(GROUP) + vec(b"message") + b"\0", 26: vec(GROUP) + vec(HASH), 28: vec(GROUP),
    30: vec(GROUP) + struct.pack(">Q", 0), 31: vec(GROUP) + struct.pack(">Q", 1) + vec("rule"), 35: b"", 36: b"",
    50: media_open("u" * 4, "p" * 22, b"f" * 32, [(1, 0, 7), (2, 1, 8)]), 52: b"",
    53: struct.pack(">HII", 2, 1, 2),
}
# What the server alone sends: it takes none of it.
SERVER_ONLY = [t for t in TYPES if t not in BODIES]


def verdict(target, data, greet):
    """What the server says to one message: a frame, or None where it closes without a word."""
    peer = Peer(target)
    try:
        if greet:
            peer.hello()
        peer.send_ws(2, data)
        return peer.next()
    except (Closed, ConnectionError):
        return None
    finally:
        peer.close()


def is_error(f, *codes):
    return f is None or (f.type == ERROR and (not codes or f.code in codes))


def cut_anywhere(target):
    for kind, body in BODIES.items():
        whole = frame(kind, 9, body)
        for cut in range(len(whole)):
            f = verdict(target, whole[:cut], True)
            check(is_error(f, E_MALFORMED), "type %d cut to %d bytes: %s" % (kind, cut, f))


def trailing_bytes(target):
    for kind, body in BODIES.items():
        for more in (b"\0", b"\0" * 1000):
            f = verdict(target, frame(kind, 9, body + more), True)
            check(is_error(f, E_MALFORMED), "type %d with %d bytes more: %s" % (kind, len(more), f))


def long_fields(target):
    """A length that promises more than there may be, or more than there is."""
    for length in (b"\x7f\xff", b"\xbf\xff\xff\xff", b"\xc0", b"\xff" * 8, b"\x40\x05", b"\x80\0\0\1"):
        for kind, body in BODIES.items():
            for at in range(min(len(body), 12)):
                data = frame(kind, 9, body[:at] + length + body[at + 1:])
                f = verdict(target, data, True)
                check(f is None or f.type in (ERROR, HELLO_OK), "type %d: %s" % (kind, f))


def changed_bytes(target):
    rng = random.Random(9)
    for kind, body in BODIES.items():
        for _ in range(40):
            data = bytearray(frame(kind, 9, body))
            for _ in range(rng.randrange(1, 4)):
                data[rng.randrange(2, len(data))] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
            f = verdict(target, bytes(data), True)
            check(f is None or f.type in (ERROR, HELLO_OK, OK), "type %d: %s" % (kind, f))


def random_frames(target):
    rng = random.Random(17)
    for _ in range(300):
        kind = rng.choice(TYPES + [0, 8, 9, 63, 64, 65, 255, 256, 65535])
        f = verdict(target, frame(kind, rng.getrandbits(32), rng.randbytes(rng.randrange(200))), rng.random() < .8)
        check(f is None or f.type in (ERROR, HELLO_OK), "type %d: %s" % (kind, f))


def unknown_types(target):
    peer = Peer(target).hello()
    for kind in [0, 8, 9, 38, 63, 64, 100, 65535] + SERVER_ONLY:
        if kind in (2, 4, 5, 6, 7):
            continue
        try:
            f = peer.ask(kind, b"")
        except Closed:
            f = None
        if f is None or f.request == 0:  # a known type's body is looked at first
            peer.close()
            peer = Peer(target).hello()
        else:
            check(f.type == ERROR and f.code in (E_UNSUPPORTED, E_MALFORMED), "type %d: %s" % (kind, f))
    peer.close()
    f = verdict(target, frame(1, 0, hello()), False)
    check(is_error(f, E_MALFORMED), "a request without a number: %s" % f)


def wrong_order(target):
    for kind, body in BODIES.items():
        if kind == HELLO:
            continue
        f = verdict(target, frame(kind, 9, body), False)
        check(f and f.type == ERROR and f.code == E_STATE, "type %d before HELLO: %s" % (kind, f))
        f = verdict(target, frame(kind, 9, body), True)
        wanted = E_NOT_FOUND if kind == ENTER else E_STATE
        check(f and f.type == ERROR and f.code == wanted, "type %d before ENTER: %s" % (kind, f))
    peer = Peer(target).hello()
    f = peer.ask(HELLO, hello())
    check(f.type == ERROR and f.code == E_STATE, "HELLO twice: %s" % f)
    peer.close()


def a_stranger_may_not(target):
    """Entered by the link, but neither a member nor the host."""
    stranger = target.person(NAMES[1])
    stranger.connect(target)
    stranger.enter(target.host.ref)
    group = vec(target.host.group_id)
    for kind, body in ((13, struct.pack(">QB", 1, 1)), (20, BODIES[20]), (22, group + vec(b"x")),
                       (21, commit(target.host.group_id, 0, b"x")), (23, group + vec(b"x") + b"\0"),
                       (23, group + vec(b"x") + b"\1"), (30, group + bytes(8)), (36, b""), (50, BODIES[50]),
                       (52, b""), (53, BODIES[53]), (31, group + bytes(8) + vec("x"))):
        f = stranger.peer.ask(kind, body)
        check(f.type == ERROR and f.code != 9, "type %d from a stranger: %s" % (kind, f))
    f = stranger.ask_enter(target.host.ref)
    check(f.type == ERROR and f.code == E_STATE, "ENTER twice: %s" % f)
    stranger.close()
    target.people.remove(stranger)


def wrong_signatures(target):
    host, thief = target.host, target.person(NAMES[1])
    for change in (0, 5, -1):
        thief.connect(target)
        good = thief.sign(host.ref)
        bad = bytearray(good)
        bad[change] ^= 1
        f = thief.ask_enter(host.ref, signature=bytes(bad))
        check(f.type == ERROR and f.code == E_DENIED, "a changed signature: %s" % f)
    f = thief.ask_enter(host.ref, signature=b"")
    check(f.type == ERROR and f.code == E_DENIED, "no signature: %s" % f)
    f = thief.peer.ask(ENTER, enter(1, host.ref, 2, host.key, thief.sign(host.ref)))
    check(f.type == ERROR and f.code == E_DENIED, "the host's key with another's signature: %s" % f)
    for key in (b"", b"\4" + b"\0" * 64, b"\4" + b"\xff" * 64, thief.key[:-1], thief.key + b"\0", b"\0" * 256):
        thief.connect(target)
        f = thief.peer.ask(ENTER, enter(1, host.ref, 2, key, thief.sign(host.ref)))
        check(f.type == ERROR and f.code in (E_DENIED, 6), "a key of %d bytes: %s" % (len(key), f))
    for suite in (1, 3, 4, 7, 8, 0x0a0a, 65535):
        thief.connect(target)
        f = thief.peer.ask(ENTER, enter(1, host.ref, suite, thief.key, thief.sign(host.ref)))
        check(f.type == ERROR, "suite %d: %s" % (suite, f))
    thief.close()
    target.people.remove(thief)


def replayed_enter(target):
    """A signature for one connection's nonce, or one meeting, opens no other."""
    member = target.person(NAMES[1])
    member.connect(target)
    seen = member.sign(target.host.ref)
    check(member.ask_enter(target.host.ref, signature=seen).type == ENTERED, "the honest ENTER fails")
    for _ in range(3):
        replay = Peer(target).hello()
        f = replay.ask(ENTER, enter(1, target.host.ref, 2, member.key, seen))
        check(f.type == ERROR and f.code == E_DENIED, "a replayed signature: %s" % f)
        replay.close()
    check(member.peer.ask(10, vec(b"x") + vec(b"")).code != E_STATE, "the replay threw the member out")
    other = target.person(NAMES[0])
    other.make_meeting(target)
    member.connect(target)
    f = member.ask_enter(target.host.ref, signature=member.sign(other.ref))
    check(f.type == ERROR and f.code == E_DENIED, "a signature for another meeting: %s" % f)
    nonces = {Peer(target).hello().nonce for _ in range(20)}
    check(len(nonces) == 20, "nonces repeat")
    for p in (member, other):
        p.close()
        target.people.remove(p)


def many_enters(target):
    peer = Peer(target, source="127.0.0.20").hello()
    answers = []
    try:
        for i in range(50):
            answers.append(peer.ask(ENTER, enter(1, os.urandom(8).hex())))
    except (Closed, ConnectionError):
        pass
    check(len(answers) < 12, "%d wrong ids on one connection" % len(answers))
    peer.close()


def guessed_numbers(target):
    """Wrong, absent and impossible numbers are answered alike, and only so many a minute."""
    source, answers, limited = "127.0.0.21", set(), 0
    wrong = ["%010d" % random.Random(i).randrange(10 ** 9, 10 ** 10) for i in range(20)]
    for ref in ["1", "0000000000", "99999999999999999999", "12345678901234567890123", "12345abcde", ""] + wrong:
        peer = Peer(target, source=source).hello()
        f = peer.ask(ENTER, enter(2, ref))
        check(f.type == ERROR, "number %s: %s" % (ref, f))
        limited += f.code == E_LIMIT
        if f.code != E_LIMIT:
            answers.add((f.code, f.text))
        peer.close()
    check(len(answers) == 1, "wrong numbers are answered in %d ways: %s" % (len(answers), answers))
    check(limited >= 14, "%d of 26 guesses were stopped" % limited)
    peer = Peer(target, source=source).hello()
    f = peer.ask(ENTER, enter(2, target.host.meeting["number"]))
    check(f.type == ERROR and f.code == E_LIMIT, "who guessed too often is told of the right one: %s" % f)
    peer.close()
    peer = Peer(target, source="127.0.0.22").hello()
    f = peer.ask(ENTER, enter(2, target.host.meeting["number"]))
    check(f.type == ENTERED, "the right number from elsewhere: %s" % f)
    peer.close()


def knocks_without_end(target):
    peers = []
    limited = False
    for i in range(70):
        person = target.person(NAMES[1])
        person.connect(target, source="127.0.0.23")
        person.enter(target.host.ref)
        package, = person.do("package")
        f = person.peer.ask(KNOCK, vec(package) + vec(b""))
        limited = limited or (f.type == ERROR and f.code == E_LIMIT)
        peers.append(person)
        if limited:
            break
    for person in peers:
        person.close()
        target.people.remove(person)
    check(limited, "70 knocks of one address, which may knock 10 times a minute")


if __name__ == "__main__":
    sys.exit(run(sys.argv, cut_anywhere, trailing_bytes, long_fields, changed_bytes, random_frames, unknown_types,
                 wrong_order, a_stranger_may_not, wrong_signatures, replayed_enter, many_enters, guessed_numbers,
                 knocks_without_end,
                 settings={"limits": {"knocks_per_min": "10", "numbers_per_min": "5"}}))
