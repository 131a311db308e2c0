"""Scripts between build/mls-interop and a peer: each of the two as creator, joiner, committer and receiver.

    python3 tests/interop/peers/pair_test.py build/mls-interop [PEER] [SCRIPT...]

Without a PEER it plays with all that tools/peers builds, and is skipped where there are none. What one
of the two answers as `unsupported: ...` is counted as skipped, and named.
"""
import collections
import os
import subprocess
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from self_test import EXTENSIONS, Client, Group, Refused, group_of  # noqa: E402


# ---- the scripts: each gets four clients and a suite ----

def joining(clients, suite):
    """Welcomes with the tree inside and outside, adds by reference and by value, with and without path."""
    a, b, c, d = clients
    for private in (False, True):
        g = Group(clients, suite, private)
        g.add(a, [b], external_tree=private)
        g.add(b, [c, d], external_tree=not private, by_value=private, force_path=True)
        g.commit(c, force_path=True)
        g.agree()


def changing(clients, suite):
    """Updates, removals by reference and by value, a member who comes back, commits that lose the race."""
    a, b, c, d = clients
    for private in (False, True):
        g = group_of(clients, suite, 4, private)
        updates = [g.ask(m, "UpdateProposal")["proposal"] for m in (b, c)]
        g.commit(a, updates)
        g.agree()
        remove = g.ask(a, "RemoveProposal", removed_id=d.name)["proposal"]
        g.commit(b, [remove], without=[d])
        g.agree()
        g.add(c, [d])
        g.commit(a, by_value=[{"proposal_type": b"remove", "removed_id": c.name}], without=[c])
        g.agree()
        g.ask(b, "Commit", force_path=True)
        g.commit(a)
        b.refuses("HandlePendingCommit", state_id=g[b])
        g.commit(d, force_path=True)
        g.agree()


def extensions(clients, suite):
    """GroupContextExtensions by reference and by value."""
    a, b, c, d = clients
    g = group_of(clients, suite, 4)
    proposal = g.ask(d, "GroupContextExtensionsProposal", extensions=EXTENSIONS)["proposal"]
    g.commit(b, [proposal])
    g.agree()
    g.commit(c, by_value=[{"proposal_type": b"groupContextExtensions", "extensions": EXTENSIONS[:1]}])
    g.agree()
    g.commit(a, by_value=[{"proposal_type": b"groupContextExtensions", "extensions": []}])
    g.agree()


def external_joins(clients, suite):
    """External commits, with the tree inside and outside, of one who was there before, and with a PSK."""
    a, b, c, d = clients
    for outside in (False, True):
        g = group_of(clients, suite, 2, private=outside)
        for inviter, client, prior in ((a, c, False), (c, b, True), (b, d, False)):
            info = g.ask(inviter, "GroupInfo", external_tree=outside)
            assert bool(info["ratchet_tree"]) == outside
            joined = client("ExternalJoin", identity=client.name, encrypt_handshake=outside, remove_prior=prior,
                            **info)
            for other in list(g.states):
                if other is not client:
                    handled = g.ask(other, "HandleCommit", commit=joined["commit"])
                    assert handled["epoch_authenticator"] == joined["epoch_authenticator"]
            g.states[client] = joined["state_id"]
            g.agree()


def external_join_psk(clients, suite):
    """An external commit with an external PSK."""
    a, b, c, _ = clients
    g = group_of(clients, suite, 2)
    for client in (a, b):
        client("StorePSK", state_or_transaction_id=g[client], psk_id=b"a psk", psk_secret=b"of everybody")
    joined = c("ExternalJoin", identity=c.name, psks=[{"psk_id": b"a psk", "psk_secret": b"of everybody"}],
               **g.ask(a, "GroupInfo"))
    for other in (a, b):
        g.ask(other, "HandleCommit", commit=joined["commit"])
    g.states[c] = joined["state_id"]
    g.agree()


def psks(clients, suite):
    """External PSKs of members and of one who joins, and resumption PSKs, by value."""
    a, b, c, _ = clients
    g = group_of(clients, suite, 2)
    for client in (a, b):
        client("StorePSK", state_or_transaction_id=g[client], psk_id=b"a psk", psk_secret=b"of everybody")
    value = {"proposal_type": b"externalPSK", "psk_id": b"a psk"}
    g.commit(a, by_value=[value])
    g.agree()
    g.commit(b, by_value=[{"proposal_type": b"resumptionPSK", "epoch_id": 1}])
    g.agree()
    package = g.package(c)
    add = g.ask(a, "AddProposal", key_package=package["key_package"])["proposal"]
    made, _ = g.commit(b, [add], by_value=[value])
    c("StorePSK", state_or_transaction_id=package["transaction_id"], psk_id=b"a psk", psk_secret=b"of everybody")
    g.join(c, package["transaction_id"], made)
    g.agree()
    g.commit(c, by_value=[value])
    g.agree()


def psks_by_reference(clients, suite):
    """PSK proposals by reference, external and of resumption."""
    a, b, c, _ = clients
    g = group_of(clients, suite, 3)
    for client in (a, b, c):
        client("StorePSK", state_or_transaction_id=g[client], psk_id=b"a psk", psk_secret=b"of everybody")
    for proposer, committer in ((a, b), (b, c), (c, a)):
        g.commit(committer, [g.ask(proposer, "ExternalPSKProposal", psk_id=b"a psk")["proposal"]])
        g.agree()
        g.commit(committer, [g.ask(proposer, "ResumptionPSKProposal", epoch_id=1)["proposal"]])
        g.agree()


def reinit(clients, suite):
    """The group ends, and goes on in another suite under another name; or only with other extensions."""
    a, b, c, _ = clients
    suites = sorted(set(a("SupportedCiphersuites")["ciphersuites"]) & set(b("SupportedCiphersuites")["ciphersuites"]))
    following = suites[(suites.index(suite) + 1) % len(suites)]
    for outside in (False, True):
        g = group_of(clients, suite, 3, private=outside)
        changes = (dict(cipher_suite=suite, group_id=b"group", extensions=EXTENSIONS) if outside else
                   dict(cipher_suite=following, group_id=b"the next", extensions=[]))
        proposal = g.ask(b, "ReInitProposal", **changes)["proposal"]
        _, ended = g.commit(a, [proposal], handle="Handle%sReInitCommit", rpc="ReInitCommit")
        assert len({answer["epoch_authenticator"] for answer in ended.values()}) == 1
        packages = [ended[x]["key_package"] for x in (a, c)]
        made = b("ReInitWelcome", reinit_id=ended[b]["reinit_id"], key_package=packages, force_path=outside,
                 external_tree=outside)
        assert bool(made["ratchet_tree"]) == outside
        for client in (a, c):
            joined = client("HandleReInitWelcome", reinit_id=ended[client]["reinit_id"], welcome=made["welcome"],
                            ratchet_tree=made["ratchet_tree"])
            assert joined["epoch_authenticator"] == made["epoch_authenticator"]
            g.states[client] = joined["state_id"]
        g.states[b] = made["state_id"]
        g.agree()
        g.commit(c)
        g.agree()


def branch(clients, suite):
    """Some of the members in a group of their own, while the first goes on."""
    a, b, c, _ = clients
    for outside in (False, True):
        g = group_of(clients, suite, 3, private=outside)
        small = Group(clients, suite, outside, b"unused")
        package = g.package(b)
        made = a("CreateBranch", state_id=g[a], group_id=b"the branch", key_packages=[package["key_package"]],
                 force_path=outside, external_tree=outside)
        joined = b("HandleBranch", state_id=g[b], transaction_id=package["transaction_id"], welcome=made["welcome"],
                   ratchet_tree=made["ratchet_tree"])
        assert joined["epoch_authenticator"] == made["epoch_authenticator"]
        small.states = {a: made["state_id"], b: joined["state_id"]}
        small.agree()
        small.commit(b)
        small.agree()
        g.commit(c)
        g.agree()


def new_member(clients, suite):
    """An Add that the new member proposes."""
    a, b, c, _ = clients
    for outside in (False, True):
        g = group_of(clients, suite, 2, private=outside)
        asked = c("NewMemberAddProposal", group_info=g.ask(a, "GroupInfo")["group_info"], identity=c.name)
        made, _ = g.commit(b, [asked["proposal"]])
        g.join(c, asked["transaction_id"], made)
        g.agree()


def external_signer(clients, suite):
    """Proposals of external senders."""
    a, b, c, d = clients
    g = group_of(clients, suite, 2)
    signers = []
    for name in (b"first", b"second"):
        signer = d("CreateExternalSigner", cipher_suite=suite, identity=name)
        signers.append(signer["signer_id"])
        g.commit(b, [g.ask(a, "AddExternalSigner", external_sender=signer["external_sender"])["proposal"]])

    def said(description, index):
        about = g.ask(a, "GroupInfo", external_tree=index == 0)
        return d("ExternalSignerProposal", signer_id=signers[index], signer_index=index, description=description,
                 **about)["proposal"]
    package = g.package(c)
    made, _ = g.commit(a, [said({"proposal_type": b"add", "key_package": package["key_package"]}, 1)])
    g.join(c, package["transaction_id"], made)
    g.agree()
    g.commit(b, [said({"proposal_type": b"remove", "removed_id": c.name}, 0)], without=[c])
    g.agree()


SCRIPTS = [joining, changing, extensions, external_joins, external_join_psk, psks, psks_by_reference, reinit, branch,
           new_member, external_signer]


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, collections.Counter()

    def play(self, name, script, clients, suite):
        try:
            script(clients, suite)
            self.passed += 1
        except Refused as refusal:
            if str(refusal).startswith("unsupported"):
                self.skipped["%s: %s" % (script.__name__, refusal)] += 1
            else:
                self.fail(name)
        except Exception:  # whatever it is, the next one is to run
            self.fail(name)

    def fail(self, name):
        self.failed += 1
        print("FAIL %s\n%s" % (name, traceback.format_exc()))


def pair(tally, ours, theirs, scripts):
    for first, second in ((ours, theirs), (theirs, ours)):
        clients = [Client(program, name) for program, name in
                   zip((first, second, first, second), ("alice", "bob", "carol", "dave"))]
        name = " and ".join(c("Name")["name"] for c in clients[:2])
        suites = set.intersection(*(set(c("SupportedCiphersuites")["ciphersuites"]) for c in clients))
        for suite in sorted(suites):
            for script in scripts:
                tally.play("%s, suite %d: %s" % (name, suite, script.__name__), script, clients, suite)
        for client in clients:
            assert client.end() == 0


def built_peers():
    tool = os.path.join(HERE, "..", "..", "..", "tools", "peers")
    folder = subprocess.run([tool], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if folder else []


def main():
    ours = os.path.abspath(sys.argv[1])
    peers = [os.path.abspath(p) for p in sys.argv[2:3]] or built_peers()
    scripts = [s for s in SCRIPTS if s.__name__ in sys.argv[3:] or len(sys.argv) <= 3]
    if not peers:
        print("0 passed, 0 failed, %d skipped" % len(scripts))
        return 77
    tally = Tally()
    for peer in peers:
        pair(tally, ours, peer, scripts)
    for what, count in sorted(tally.skipped.items()):
        print("skipped %d x %s" % (count, what))
    print("%d passed, %d failed, %d skipped" % (tally.passed, tally.failed, sum(tally.skipped.values())))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
