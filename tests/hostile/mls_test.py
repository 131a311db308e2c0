"""MLS that is real up to one change, from a real member: refused with a reason, and the group goes on."""
import random
import struct
import sys

from target import NAMES, check, run
from wire import (COMMIT, CREATE_GROUP, E_STALE, ERROR, FETCH, GET_GROUP_INFO, GET_TREE, KNOCK, OK, PROPOSE, SEND,
                  Closed, commit, vec)

ROUNDS = 60
TAGS = 66


def mutations(data, seed, rounds=ROUNDS):
    """Cut, grown, with bits and bytes changed, with pieces moved."""
    rng = random.Random(seed)
    for n in (0, 1, 4, len(data) // 2, len(data) - 1):
        yield data[:n]
    yield data + b"\0"
    yield data + data
    for _ in range(rounds):
        bad = bytearray(data)
        at = rng.randrange(len(bad))
        shape = rng.randrange(5)
        if shape == 0:
            bad[at] ^= 1 << rng.randrange(8)
        elif shape == 1:
            bad[at] = rng.choice((0, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff))
        elif shape == 2:
            del bad[at:at + rng.randrange(1, 40)]
        elif shape == 3:
            bad[at:at] = bad[at:at + rng.randrange(1, 40)]
        else:
            bad[at:at + 4] = rng.randbytes(4)
        if bytes(bad) != data:
            yield bytes(bad)


class Meeting:
    """A host and a member with a group, and their two connections."""

    def __init__(self, target):
        self.target = target
        self.host, self.member = target.person(NAMES[0]), target.person(NAMES[1])
        self.host.make_meeting(target)
        self.host.connect(target)
        self.host.enter()

    def open(self):
        self.host.open_group()
        self.host.admit(self.member, self.target)
        self.listen()
        return self

    def listen(self):
        """The member takes part from here on."""
        self.member.peer.ask(FETCH, vec(self.member.group_id) + struct.pack(">Q", 0))

    def again(self, person):
        person.connect(self.target)
        person.enter(self.host.ref)

    def ask(self, person, kind, body):
        """The answer; connects again where the server closed."""
        try:
            f = person.peer.ask(kind, body)
        except (Closed, ConnectionError):
            f = None
        if f is None or f.request == 0:
            self.again(person)
        return f

    def close(self):
        for person in (self.host, self.member):
            person.close()
            self.target.people.remove(person)


def refused(f, what):
    check(f is None or f.type == ERROR, "%s: %s" % (what, f))
    check(f is None or f.code != 9, "%s broke the server: %s" % (what, f))


def create_group(target):
    m = Meeting(target)
    group_id, info, tree = m.host.do("group", m.host.server_key)
    for i, bad in enumerate(mutations(info, 1)):
        refused(m.ask(m.host, CREATE_GROUP, vec(bad) + vec(tree) + vec(b"")), "GroupInfo %d" % i)
    for i, bad in enumerate(mutations(tree, 2)):
        refused(m.ask(m.host, CREATE_GROUP, vec(info) + vec(bad) + vec(b"")), "tree %d" % i)
    _, other, _ = m.host.do("group", m.host.server_key)
    refused(m.ask(m.host, CREATE_GROUP, vec(other) + vec(tree) + vec(b"")), "another group's GroupInfo")
    refused(m.ask(m.host, CREATE_GROUP, vec(info) + vec(b"") + vec(b"")), "no tree")
    m.member.do("terms")
    _, info, tree = m.member.do("group", m.host.server_key)
    refused(m.ask(m.host, CREATE_GROUP, vec(info) + vec(tree) + vec(b"")), "another person's group")
    m.host.open_group()
    f = m.host.peer.ask(CREATE_GROUP, vec(info) + vec(tree) + vec(b""))
    check(f.type == ERROR and f.code == 10, "a second group: %s" % f)
    m.close()


def knock(target):
    m = Meeting(target)
    m.host.open_group()
    m.again(m.member)
    package, = m.member.do("package")
    taken = 0
    for i, bad in enumerate(mutations(package, 3, 40)):
        f = m.ask(m.member, KNOCK, vec(bad) + vec(b""))
        taken += f is not None and f.type == OK
    check(taken == 0, "%d broken key packages were taken" % taken)
    stranger = target.person(NAMES[1])
    other, = stranger.do("package")
    refused(m.ask(m.member, KNOCK, vec(other) + vec(b"")), "somebody else's key package")
    stranger.close()
    target.people.remove(stranger)
    f = m.ask(m.member, KNOCK, vec(package) + vec(b""))
    check(f is not None and f.type == OK, "the real one after them: %s" % f)
    m.close()


def commits(target):
    m = Meeting(target).open()
    host, group = m.host, m.host.group_id
    epoch, message, welcome, info = host.do("commit")
    epoch = int(epoch)
    accepted = []
    # Only members can check the confirmation tag and the membership tag at the end.
    for i, bad in enumerate(bad for bad in mutations(message, 4, 150) if bad[:-TAGS] != message[:-TAGS]):
        f = m.ask(host, COMMIT, commit(group, epoch, bad, welcome, info))
        if f is not None and f.type == OK:
            accepted.append(i)
            break
    check(not accepted, "changed commit %s was taken" % accepted)
    for i, bad in enumerate(mutations(info, 5)):
        refused(m.ask(host, COMMIT, commit(group, epoch, message, welcome, bad)), "GroupInfo %d" % i)
    for wrong in (0, epoch - 1, epoch + 1, 2 ** 63, 2 ** 64 - 1):
        refused(m.ask(host, COMMIT, commit(group, wrong, message, welcome, info)), "epoch %d" % wrong)
    refused(m.ask(host, COMMIT, commit(bytes(32), epoch, message, welcome, info)), "another group id")
    refused(m.ask(host, COMMIT, commit(group, epoch, message, b"x" * 5000, info)), "a Welcome for nobody")
    refused(m.ask(host, COMMIT, commit(group, epoch, message, welcome, info, replaces=1)), "an unasked replacement")
    refused(m.ask(host, COMMIT, commit(group, epoch, message, welcome, info, knocks=b"\xff" * 8)), "a knock there is not")
    refused(m.ask(m.member, COMMIT, commit(group, epoch, message, welcome, info)), "the host's commit by the member")
    f = m.ask(host, COMMIT, commit(group, epoch, message, welcome, info))
    check(f is not None and f.type == OK, "the real commit after them: %s" % f)
    f = m.ask(host, COMMIT, commit(group, epoch, message, welcome, info))
    check(f is not None and f.type == ERROR and f.code == E_STALE, "the same commit twice: %s" % f)
    host.do("merge")
    check(host.say("still here") > 0, "the group does not go on")
    m.close()


def a_member_admits_nobody(target):
    """An Add by a member where the host admits."""
    m = Meeting(target).open()
    friend = target.person(NAMES[1])
    package, = friend.do("package")
    epoch, message, welcome, info = m.member.do("commit", package)
    refused(m.ask(m.member, COMMIT, commit(m.host.group_id, int(epoch), message, welcome, info)), "a member's Add")
    m.member.do("discard")
    friend.close()
    target.people.remove(friend)
    check(m.host.say("still here") > 0, "the group does not go on")
    m.close()


def proposals_and_messages(target):
    m = Meeting(target).open()
    group = vec(m.host.group_id)
    message, = m.member.do("say", b"hello")
    _, real, _, _ = m.member.do("commit")
    for i, bad in enumerate(mutations(real, 6)):
        refused(m.ask(m.member, PROPOSE, group + vec(bad)), "proposal %d" % i)
    refused(m.ask(m.member, PROPOSE, group + vec(real)), "a commit as a proposal")
    refused(m.ask(m.member, PROPOSE, group + vec(message)), "a message as a proposal")
    refused(m.ask(m.member, SEND, group + vec(real) + b"\0"), "a commit as a message")
    refused(m.ask(m.member, SEND, vec(bytes(32)) + vec(message) + b"\0"), "a message to another group")
    for i, bad in enumerate(mutations(message, 7, 100)):
        f = m.ask(m.member, SEND, group + vec(bad) + bytes([i % 2]))
        # Only members can tell a changed ciphertext: what the server may take, it orders.
        check(f is None or f.type in (OK, ERROR) and (f.type == OK or f.code != 9), "message %d: %s" % (i, f))
    m.close()


def asking_for_what_is_not_there(target):
    m = Meeting(target).open()
    group = vec(m.host.group_id)
    for tree_hash in (b"", bytes(32), b"x" * 256):
        refused(m.ask(m.member, GET_TREE, group + vec(tree_hash)), "a tree that is not")
    refused(m.ask(m.member, GET_TREE, vec(bytes(32)) + vec(bytes(32))), "a tree of no group")
    refused(m.ask(m.member, GET_GROUP_INFO, vec(b"")), "a GroupInfo of no group")
    for after in (2 ** 32, 2 ** 63, 2 ** 64 - 1):
        refused(m.ask(m.member, FETCH, group + struct.pack(">Q", after)), "after %d" % after)
    for i in range(200):
        f = m.ask(m.member, 31, group + struct.pack(">Q", i * 7919) + vec("rule"))
        check(f is None or f.type in (OK, ERROR), "CANNOT_APPLY: %s" % f)
    check(m.host.say("still here") > 0, "the group does not go on")
    m.close()


SETTINGS = {"limits": {"knocks_per_min": "10000", "frames_per_s": "10000", "away_ms": "5000"}}

if __name__ == "__main__":
    sys.exit(run(sys.argv, create_group, knock, commits, a_member_admits_nobody, proposals_and_messages,
                 asking_for_what_is_not_there, settings=SETTINGS))
