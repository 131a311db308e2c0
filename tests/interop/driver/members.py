"""A group's members, each in the process of some implementation, and what must be the same for all of them."""
from .client import Refused, Unsupported
from .facts import read_group_info, read_tree, uneven_unmerged, Leaf


class Failure(Exception):
    """Something that must not be."""


class Skip(Exception):
    """Somebody cannot do this: the step is left out."""


class Seat:
    """A process of an implementation, where one member of the group can sit."""

    def __init__(self, client, implementation, number):
        self.client, self.implementation, self.number = client, implementation, number
        self.lives = 0

    def __str__(self):
        return "%s-%d" % (self.implementation, self.number)

    def __call__(self, rpc, **fields):
        return self.client(rpc, **fields)

    def name(self, fresh):
        """The name of who sits here next: another than before, if `fresh`."""
        self.lives += 1 if fresh else 0
        return ("%s.%d" % (self, self.lives)).encode()


class Member:
    def __init__(self, seat, name, state, epoch, encrypted):
        self.seat, self.name, self.state, self.joined, self.encrypted = seat, name, state, epoch, encrypted

    def __str__(self):
        return self.name.decode()

    @property
    def implementation(self):
        return self.seat.implementation

    def ask(self, rpc, **fields):
        self.seat.client.ask(rpc, state_id=self.state, **fields)

    def __call__(self, rpc, **fields):
        self.ask(rpc, **fields)
        return self.seat.client.answer()


def everybody(members, rpc, **fields):
    """Asks all at once; answers in their order. Those of one process wait for each other there."""
    for member in members:
        member.ask(rpc, **fields)
    return answers(members)


def answers(members):
    """All answers are taken before an error is told: no process is left with one that nobody has read."""
    got, failed = [], []
    for member in members:
        try:
            got.append(member.seat.client.answer())
        except Unsupported as error:
            got.append(error)
        except Refused as error:
            got.append(error)
            failed.append("%s says: %s" % (member, error))
    if failed:
        raise Failure("; ".join(failed) + "; of %d asked" % len(got))
    return got


def same(members, values, what):
    """Every value is the same; those that are not there (None) do not count."""
    first = None
    for member, value in zip(members, values):
        if value is None:
            continue
        if first is None:
            first = member, value
        if value != first[1]:
            raise Failure("%s of %s and %s differ: %s and %s" % (what, first[0], member, show(first[1]), show(value)))


def show(value):
    if not isinstance(value, bytes):
        return repr(value)
    return value.hex() if len(value) <= 32 else "%s... (%d bytes)" % (value[:16].hex(), len(value))


def field(answer, name):
    return None if isinstance(answer, Unsupported) else answer[name]


class Group:
    """What all know of a group: who is in it, its epoch and extensions."""

    def __init__(self, suite, group_id, matrix):
        self.suite, self.group_id, self.matrix = suite, group_id, matrix
        self.members, self.epoch, self.extensions = [], 0, b""
        self.senders = []  # from outside: (seat, number of the signer, ExternalSender)
        self.leaves = {}   # by name
        self.doomed = []  # who is in the tree and could not join, by a known bug: the next commit removes it

    def compare(self, label, context, length):
        """The whole comparison after an epoch began."""
        members = self.members
        authenticators = everybody(members, "StateAuth")
        same(members, [field(a, "state_auth_secret") for a in authenticators], "the epoch authenticators")
        keys = everybody(members, "Export", label=label, context=context, key_length=length)
        same(members, [field(a, "exported_secret") for a in keys], "the exported secrets (%s)" % label)
        if any(len(k["exported_secret"]) != length for k in keys if not isinstance(k, Unsupported)):
            raise Failure("an exported secret is not %d bytes long" % length)
        self.compare_trees()
        return authenticators[0]["state_auth_secret"]

    def compare_trees(self):
        members = self.members
        told = everybody(members, "GroupInfo", external_tree=True)
        for member, answer in zip(members, told):
            if isinstance(answer, Unsupported):
                self.matrix.missing[member.implementation, "GroupInfo", str(answer)] += 1
        same(members, [field(a, "ratchet_tree") for a in told], "the ratchet trees")
        infos = [None if isinstance(a, Unsupported) else read_group_info(a["group_info"]) for a in told]
        same(members, [i and i.context for i in infos], "the group contexts")
        same(members, [i and i.tag for i in infos], "the confirmation tags")
        trees = [a["ratchet_tree"] for a in told if not isinstance(a, Unsupported)]
        self.check_facts(next(i for i in infos if i), read_tree(trees[0]))

    def check_facts(self, info, tree):
        seen = (info.version, info.suite, info.group_id, info.epoch, info.extensions)
        want = (1, self.suite, self.group_id, self.epoch, self.extensions)
        if seen != want:
            raise Failure("the group context says %r, where %r was played" % (seen, want))
        names = sorted(node.identity for node in tree if isinstance(node, Leaf))
        if names != sorted(m.name for m in self.members + self.doomed):
            raise Failure("in the tree are %r, in the group %r" % (names, sorted(m.name for m in self.members)))
        self.leaves = {node.identity: at // 2 for at, node in enumerate(tree) if isinstance(node, Leaf)}

    def uneven(self):
        """Whether our own member's tree is one that `facts.uneven_unmerged` tells of."""
        ours = next((m for m in self.members if m.implementation == "ours"), self.members[0])
        return uneven_unmerged(read_tree(ours("GroupInfo", external_tree=True)["ratchet_tree"]))
