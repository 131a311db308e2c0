"""Bugs and limits of peers that scripts go round: each has a name, a version and a line in docs/interop.md."""
from collections import namedtuple

Known = namedtuple("Known", "name why")

TS_EMPTY = Known("ts-mls 1.6.4: empty extensions",
                 "takes a GroupContextExtensions proposal that empties the list for none at all")
TS_CONTEXT = Known("ts-mls 1.6.4: committing extensions",
                   "commits GroupContextExtensions without a path, which RFC 9420 section 17.4 requires; and where "
                   "there is a path, encrypts it under the extensions of before")
TS_UNMERGED = Known("ts-mls 1.6.4: unmerged leaves",
                    "joins no tree in which two parents above an unmerged leaf list different ones")
TS_ROOT = Known("ts-mls 1.6.4: an empty left half",
                "derives one path secret too many where the root is not in the filtered direct path")
TS_SENDERS = Known("ts-mls 1.6.4: external senders",
                   "takes external_senders for one sender, where section 12.1.8.1 has a vector")

TS_REPLACED = Known("ts-mls 1.6.4: replaced by an external commit",
                    "never ends when a member handles the external commit by which it has joined again")


def avoid_extensions(group, members, committer, extensions, with_path):
    """Why a GroupContextExtensions proposal (with this list, as it is encoded) must not be committed here, or None."""
    there = {m.implementation for m in members}
    if "ts-mls" in there and not extensions and group.extensions:
        return TS_EMPTY
    if committer.implementation == "ts-mls" and not (with_path and extensions == group.extensions):
        return TS_CONTEXT
    return None


def avoid_half(members, leaves):
    """Why a commit with a path must not leave these leaves, or None."""
    width = 1
    while width <= max(leaves):
        width *= 2
    left_is_empty = width > 1 and min(leaves) >= width // 2
    there = {m.implementation for m in members}
    return TS_ROOT if left_is_empty and len(members) > 1 and "ts-mls" in there else None


def avoid_senders(seats):
    """Why no external sender may be named where these could come to sit, or None."""
    return TS_SENDERS if any(s.implementation == "ts-mls" for s in seats) else None


def excuse_join(implementation, said, uneven):
    """Why a peer may refuse a group that we hold for good, or None."""
    if implementation == "ts-mls" and uneven and "unmerged_leaves" in said:
        return TS_UNMERGED
    return None


def avoid_own_end(implementation, external):
    """Why somebody who is removed must not see the commit that does it, or None."""
    return TS_REPLACED if implementation == "ts-mls" and external else None


def no_cell(operation, by, to):
    """Cells that a bug above makes impossible, or all but."""
    if "external sender" in operation:
        return "ts-mls" in (by, to)
    if operation.startswith("extensions"):
        return by == "ts-mls"
    return operation == "propose extensions" and to == "ts-mls"
