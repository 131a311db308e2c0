#!/usr/bin/env python3
"""check.py DIRECTORY: a second opinion on tree-validation.json.gz and tree-operations.json.gz there.

Tree hashes, resolutions and parent hashes by RFC 9420 sections 4.1.1, 7.8 and 7.9, written anew and without this project's
code: recursive, and as slow as it is plain. Ends with `N passed, N failed`.
"""
import gzip
import hashlib
import json
import os
import sys

sys.setrecursionlimit(10000)
BLANK = None


def vec(data, at):
    """(bytes of the vector at `at`, the place behind it)"""
    size = 1 << (data[at] >> 6)
    length = int.from_bytes(data[at:at + size], "big") & ((1 << (8 * size - 2)) - 1)
    return data[at + size:at + size + length], at + size + length


def prefixed(data):
    n = len(data)
    if n < 0x40:
        return bytes([n]) + data
    if n < 0x4000:
        return (n | 0x4000).to_bytes(2, "big") + data
    return (n | 0x80000000).to_bytes(4, "big") + data


def skip_leaf(data, at):
    """(the place behind the LeafNode, its parent_hash or None)"""
    _, at = vec(data, at)
    _, at = vec(data, at)
    at += 2
    _, at = vec(data, at)
    for _ in range(5):
        _, at = vec(data, at)
    source, parent_hash = data[at], None
    at += 1
    if source == 1:
        at += 16
    elif source == 3:
        parent_hash, at = vec(data, at)
    _, at = vec(data, at)
    _, at = vec(data, at)
    return at, parent_hash


class Tree:
    """nodes: BLANK, ("leaf", bytes, parent hash) or ("parent", key, parent hash, unmerged leaves)."""

    def __init__(self, encoded):
        data, _ = vec(encoded, 0)
        self.nodes, at = [], 0
        while at < len(data):
            present = data[at]
            at += 1
            if not present:
                self.nodes.append(BLANK)
                continue
            kind = data[at]
            at += 1
            if kind == 1:
                end, parent_hash = skip_leaf(data, at)
                self.nodes.append(("leaf", data[at:end], parent_hash))
                at = end
            else:
                key, at = vec(data, at)
                parent_hash, at = vec(data, at)
                unmerged, at = vec(data, at)
                leaves = [int.from_bytes(unmerged[i:i + 4], "big") for i in range(0, len(unmerged), 4)]
                self.nodes.append(("parent", key, parent_hash, leaves))
        width = 1
        while 2 * width - 1 < len(self.nodes):
            width *= 2
        self.nodes += [BLANK] * (2 * width - 1 - len(self.nodes))
        self.hashes = {}

    def children(self, node):
        level = 0
        while node >> level & 1:
            level += 1
        return node ^ (1 << (level - 1)), node ^ (3 << (level - 1))

    def root(self):
        return len(self.nodes) // 2

    def resolution(self, node):
        x = self.nodes[node]
        if x is not BLANK:
            return [node] + ([2 * leaf for leaf in x[3]] if x[0] == "parent" else [])
        if node % 2 == 0:
            return []
        left, right = self.children(node)
        return self.resolution(left) + self.resolution(right)

    def tree_hash(self, node, without=frozenset()):
        """Of the tree in which the leaves in `without` are blank and unlisted."""
        if (node, without) in self.hashes:
            return self.hashes[node, without]
        x = self.nodes[node]
        if node % 2 == 0:
            gone = x is BLANK or node // 2 in without
            out = b"\1" + (node // 2).to_bytes(4, "big") + (b"\0" if gone else b"\1" + x[1])
        else:
            left, right = self.children(node)
            out = b"\2\0"
            if x is not BLANK:
                unmerged = b"".join(n.to_bytes(4, "big") for n in x[3] if n not in without)
                out = b"\2\1" + prefixed(x[1]) + prefixed(x[2]) + prefixed(unmerged)
            out += prefixed(self.tree_hash(left, without)) + prefixed(self.tree_hash(right, without))
        self.hashes[node, without] = hashlib.sha256(out).digest()
        return self.hashes[node, without]

    def chains(self, parent, child, sibling):
        """Some node of the child's resolution has the parent's hash, and the rest of it is unmerged at the parent."""
        _, key, parent_hash, unmerged = self.nodes[parent]
        original = self.tree_hash(sibling, frozenset(unmerged))
        want = hashlib.sha256(prefixed(key) + prefixed(parent_hash) + prefixed(original)).digest()
        resolution = self.resolution(child)
        for node in resolution:
            rest = {n // 2 for n in resolution if n != node and n % 2 == 0}
            here = set(unmerged) & {n // 2 for n in self.leaves(child)}
            if self.nodes[node][2] == want and rest == here and len(resolution) == len(rest) + 1:
                return True
        return False

    def leaves(self, node):
        if node % 2 == 0:
            return [node]
        left, right = self.children(node)
        return self.leaves(left) + self.leaves(right)

    def parent_hash_valid(self):
        for node in range(1, len(self.nodes), 2):
            if self.nodes[node] is BLANK:
                continue
            left, right = self.children(node)
            if self.chains(node, left, right) + self.chains(node, right, left) != 1:
                return False
        return True


def validation(case):
    tree = Tree(bytes.fromhex(case["tree"]))
    for node, (tree_hash, resolution) in enumerate(zip(case["tree_hashes"], case["resolutions"])):
        if tree.tree_hash(node).hex() != tree_hash or tree.resolution(node) != resolution:
            return False
    lists = sum(1 for n in tree.nodes if n and n[0] == "parent" and n[3])
    members = sum(1 for n in tree.nodes[::2] if n)
    blanks = sum(1 for n in tree.nodes[1::2] if not n)
    print("%d members, %d blank parents, %d with unmerged leaves" % (members, blanks, lists))
    return members > 1000 and lists > 0 and tree.parent_hash_valid()


def operation(case):
    before, after = (Tree(bytes.fromhex(case["tree_" + x])) for x in ("before", "after"))
    return (before.tree_hash(before.root()).hex() == case["tree_hash_before"]
            and after.tree_hash(after.root()).hex() == case["tree_hash_after"])


def main():
    passed = failed = 0
    for name, check in (("tree-validation", validation), ("tree-operations", operation)):
        with gzip.open(os.path.join(sys.argv[1], name + ".json.gz"), "rt", encoding="ascii") as source:
            for index, case in enumerate(json.load(source)):
                good = check(case)
                passed, failed = passed + good, failed + (not good)
                if not good:
                    print("%s[%d] is not as RFC 9420 has it" % (name, index))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
