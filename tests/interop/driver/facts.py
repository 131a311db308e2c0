"""What a GroupInfo and a ratchet tree say: as much of RFC 9420's syntax as comparing members takes."""
from collections import namedtuple

Info = namedtuple("Info", "version suite group_id epoch tree_hash transcript extensions tag context signer")
Leaf = namedtuple("Leaf", "identity source")
Parent = namedtuple("Parent", "unmerged")

KEY_PACKAGE, UPDATE, COMMIT = 1, 2, 3
EXTERNAL_SENDERS = b"\0\5"


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, count):
        piece = self.data[self.at:self.at + count]
        assert len(piece) == count, "cut off"
        self.at += count
        return piece

    def number(self, size):
        return int.from_bytes(self.bytes(size), "big")

    def vector(self):
        """RFC 9420 section 2.1.2."""
        first = self.number(1)
        size = 1 << (first >> 6)
        assert size < 8, "a length of 8 bytes"
        length = first & 0x3f
        for _ in range(size - 1):
            length = length << 8 | self.number(1)
        return self.bytes(length)

    def done(self):
        return self.at == len(self.data)


def read_group_info(message):
    r = Reader(message)
    assert (r.number(2), r.number(2)) == (1, 4), "not a GroupInfo"
    start = r.at
    version, suite, group_id, epoch = r.number(2), r.number(2), r.vector(), r.number(8)
    tree_hash, transcript, extensions = r.vector(), r.vector(), r.vector()
    context = message[start:r.at]
    r.vector()
    tag, signer = r.vector(), r.number(4)
    r.vector()
    assert r.done(), "something follows the GroupInfo"
    return Info(version, suite, group_id, epoch, tree_hash, transcript, extensions, tag, context, signer)


def write_vector(data):
    size = 1 if len(data) < 64 else 2
    return (len(data) | (size - 1) << 14 * (size - 1)).to_bytes(size, "big") + data


def write_extensions(extensions):
    """The insides of an extensions vector."""
    return b"".join(e["extension_type"].to_bytes(2, "big") + write_vector(e["extension_data"]) for e in extensions)


def with_senders(extensions, senders):
    """The list with these external senders at its end, instead of those that were there."""
    r, kept = Reader(extensions), b""
    while not r.done():
        kind, data = r.bytes(2), r.vector()
        if kind != EXTERNAL_SENDERS:
            kept += kind + write_vector(data)
    return kept + EXTERNAL_SENDERS + write_vector(write_vector(b"".join(senders)))


def read_leaf(r):
    r.vector(), r.vector()
    assert r.number(2) == 1, "not a basic credential"
    identity = r.vector()
    for _ in range(5):
        r.vector()
    source = r.number(1)
    if source == KEY_PACKAGE:
        r.bytes(16)
    elif source == COMMIT:
        r.vector()
    r.vector(), r.vector()
    return Leaf(identity, source)


def read_parent(r):
    r.vector(), r.vector()
    unmerged = Reader(r.vector())
    leaves = []
    while not unmerged.done():
        leaves.append(unmerged.number(4))
    return Parent(leaves)


def read_tree(data):
    """The nodes, None where one is blank, up to the width of a whole tree."""
    outer = Reader(data)
    r = Reader(outer.vector())
    assert outer.done(), "something follows the tree"
    nodes = []
    while not r.done():
        present = r.number(1)
        nodes.append((read_leaf(r) if r.number(1) == 1 else read_parent(r)) if present else None)
    width = 1
    while width < len(nodes):
        width = 2 * width + 1
    return nodes + [None] * (width - len(nodes))


def direct_path(leaf, width):
    """The nodes above a leaf, up to the root."""
    x, path = 2 * leaf, []
    while x != width // 2:
        level = (~x & (x + 1)).bit_length() - 1
        x = (x | 1 << level) & ~(1 << level + 1)
        path.append(x)
    return path


def uneven_unmerged(nodes):
    """Whether somebody's unmerged leaf stands beside others in one parent above it, and not in another."""
    for parent in nodes:
        for leaf in parent.unmerged if isinstance(parent, Parent) else ():
            above = [nodes[at] for at in direct_path(leaf, len(nodes)) if nodes[at] is not None]
            if any(node.unmerged != parent.unmerged for node in above):
                return True
    return False
