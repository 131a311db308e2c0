"""Scripts between several mls-interop processes: every operation in every suite, and hostile requests.

    python3 tests/interop/self_test.py build/mls-interop [NAME]
"""
import json
import os
import random
import sys
import traceback

from driver.client import Client, Refused

NUMBERS = {"state_id", "transaction_id", "reinit_id", "signer_id"}
ALL_RPCS = """Name SupportedCiphersuites CreateGroup CreateKeyPackage JoinGroup ExternalJoin GroupInfo StateAuth Export
    Protect Unprotect StorePSK AddProposal UpdateProposal RemoveProposal ExternalPSKProposal ResumptionPSKProposal
    GroupContextExtensionsProposal Commit HandleCommit HandlePendingCommit ReInitProposal ReInitCommit
    HandlePendingReInitCommit HandleReInitCommit ReInitWelcome HandleReInitWelcome CreateBranch HandleBranch
    NewMemberAddProposal CreateExternalSigner AddExternalSigner ExternalSignerProposal Free""".split()


# Required capabilities and external senders, both empty.
EXTENSIONS = [{"extension_type": 3, "extension_data": b"\0\0\0"}, {"extension_type": 5, "extension_data": b"\0"}]


class Group:
    """The members, each a client with the number of its state."""

    def __init__(self, clients, suite, private=False, group_id=b"group"):
        self.clients, self.suite, self.private = clients, suite, private
        self.creator = clients[0]
        made = self.creator("CreateGroup", group_id=group_id, cipher_suite=suite, encrypt_handshake=private,
                            identity=self.creator.name)
        self.states = {self.creator: made["state_id"]}

    def __getitem__(self, client):
        return self.states[client]

    def ask(self, client, rpc, **fields):
        return client(rpc, state_id=self[client], **fields)

    def package(self, client):
        made = client("CreateKeyPackage", cipher_suite=self.suite, identity=client.name)
        assert made["init_priv"] and made["encryption_priv"] and made["signature_priv"]
        return made

    def join(self, client, transaction, commit, tree=b""):
        joined = client("JoinGroup", transaction_id=transaction, welcome=commit["welcome"], identity=client.name,
                        encrypt_handshake=self.private, ratchet_tree=tree)
        self.states[client] = joined["state_id"]
        return joined["epoch_authenticator"]

    def commit(self, by, proposals=(), without=(), handle="Handle%sCommit", rpc="Commit", **fields):
        """Commits, and all others but `without` follow; the answers of commit and of those who handled it."""
        made = self.ask(by, rpc, by_reference=list(proposals), **fields)
        answers = {}
        for client in self.states:
            if client is by or client in without:
                continue
            answers[client] = self.ask(client, handle % "", proposal=list(proposals), commit=made["commit"])
        answers[by] = self.ask(by, handle % "Pending")
        for client in without:
            self.states.pop(client, None)
        for client, answer in answers.items():
            self.states[client] = answer.get("state_id", self[client])
        return made, answers

    def add(self, by, clients, external_tree=False, by_value=False, force_path=False):
        packages = {c: self.package(c) for c in clients}
        proposals, values = [], []
        for made in packages.values():
            if by_value:
                values.append({"proposal_type": b"add", "key_package": made["key_package"]})
            else:
                proposals.append(self.ask(by, "AddProposal", key_package=made["key_package"])["proposal"])
        made, _ = self.commit(by, proposals, by_value=values, external_tree=external_tree, force_path=force_path)
        assert bool(made["ratchet_tree"]) == external_tree
        for client in clients:
            self.join(client, packages[client]["transaction_id"], made, made["ratchet_tree"])
        self.agree()

    def agree(self):
        """All are at one epoch, export the same and read each other."""
        auths = {self.ask(c, "StateAuth")["state_auth_secret"] for c in self.states}
        assert len(auths) == 1 and len(min(auths)) >= 32
        keys = {self.ask(c, "Export", label="test", context=b"for us", key_length=42)["exported_secret"]
                for c in self.states}
        assert len(keys) == 1 and len(min(keys)) == 42
        for sender in self.states:
            sent = self.ask(sender, "Protect", authenticated_data=b"seen", plaintext=b"hello from " + sender.name)
            for other in self.states:
                if other is not sender:
                    got = self.ask(other, "Unprotect", ciphertext=sent["ciphertext"])
                    assert got == {"authenticated_data": b"seen", "plaintext": b"hello from " + sender.name}


def group_of(clients, suite, count, private=False, group_id=b"group"):
    g = Group(clients, suite, private, group_id)
    if count > 1:
        g.add(clients[0], clients[1:count], by_value=True)
    return g


# ---- the scripts: each gets four clients and a suite ----

def joining(clients, suite):
    """Welcomes with the tree inside and outside, adds by reference and by value, with and without path."""
    a, b, c, d = clients
    for private in (False, True):
        g = Group(clients, suite, private)
        g.add(a, [b], external_tree=private)
        g.add(b, [c, d], external_tree=not private, by_value=private, force_path=True)


def changing(clients, suite):
    """Updates, removals, empty commits, extensions, and a commit that loses the race."""
    a, b, c, d = clients
    for private in (False, True):
        g = group_of(clients, suite, 4, private)
        update = g.ask(b, "UpdateProposal")["proposal"]
        g.commit(a, [update])
        g.agree()
        remove = g.ask(a, "RemoveProposal", removed_id=d.name)["proposal"]
        g.commit(b, [remove], without=[d])
        g.agree()
        g.add(c, [d])
        g.commit(a, by_value=[{"proposal_type": b"remove", "removed_id": c.name}], without=[c])
        g.agree()
        lost = g.ask(b, "Commit", force_path=True)["commit"]
        g.commit(a)
        b.refuses("HandlePendingCommit", "pending", state_id=g[b])
        a.refuses("HandleCommit", state_id=g[a], commit=lost)
        proposal = g.ask(d, "GroupContextExtensionsProposal", extensions=EXTENSIONS)["proposal"]
        g.commit(b, [proposal])
        g.commit(a, by_value=[{"proposal_type": b"groupContextExtensions", "extensions": []}])
        g.agree()
        b.refuses("Commit", "by_reference", state_id=g[b],
                  by_reference=[g.ask(b, "UpdateProposal")["proposal"]])
        g.agree()


def external_joins(clients, suite):
    """External commits, with the tree inside and outside, and of one who was there before."""
    a, b, c, _ = clients
    for outside in (False, True):
        g = group_of(clients, suite, 2, private=outside)
        for client, prior in ((c, False), (b, True)):
            info = g.ask(a, "GroupInfo", external_tree=outside)
            assert bool(info["ratchet_tree"]) == outside
            joined = client("ExternalJoin", identity=client.name, encrypt_handshake=outside, remove_prior=prior,
                            **info)
            for other in list(g.states):
                if other is not client:
                    handled = g.ask(other, "HandleCommit", commit=joined["commit"])
                    assert handled["epoch_authenticator"] == joined["epoch_authenticator"]
            g.states[client] = joined["state_id"]
            g.agree()
        info = g.ask(a, "GroupInfo", external_tree=outside)
        a.refuses("ExternalJoin", identity=b"x", group_info=info["group_info"][:-1])


def psks(clients, suite):
    """External PSKs of members and of those who join, and resumption PSKs, by value and by reference."""
    a, b, c, d = clients
    g = group_of(clients, suite, 2)
    for client in (a, b):
        client("StorePSK", state_or_transaction_id=g[client], psk_id=b"a psk", psk_secret=b"of everybody")
    value = {"proposal_type": b"externalPSK", "psk_id": b"a psk"}
    g.commit(a, by_value=[value])
    g.agree()
    epoch = 2
    g.commit(b, by_value=[{"proposal_type": b"resumptionPSK", "epoch_id": epoch - 1}])
    g.agree()
    package = g.package(c)
    add = g.ask(a, "AddProposal", key_package=package["key_package"])["proposal"]
    made, _ = g.commit(b, [add], by_value=[value])
    c.refuses("JoinGroup", "pre-shared", transaction_id=package["transaction_id"], welcome=made["welcome"])
    c("StorePSK", state_or_transaction_id=package["transaction_id"], psk_id=b"a psk", psk_secret=b"of everybody")
    g.join(c, package["transaction_id"], made)
    g.agree()
    g.commit(c, by_value=[value])
    g.agree()
    a.refuses("Commit", "pre-shared", state_id=g[a],
              by_value=[{"proposal_type": b"externalPSK", "psk_id": b"another"}])
    first = g.ask(c, "ExternalPSKProposal", psk_id=b"a psk")["proposal"]
    g.commit(a, [first, g.ask(b, "ResumptionPSKProposal", epoch_id=4)["proposal"]])
    g.agree()
    a.refuses("ExternalPSKProposal", "pre-shared", state_id=g[a], psk_id=b"another")
    c.refuses("ResumptionPSKProposal", "pre-shared", state_id=g[c], epoch_id=1)
    joined = d("ExternalJoin", identity=d.name, psks=[{"psk_id": b"a psk", "psk_secret": b"of everybody"}],
               group_info=g.ask(a, "GroupInfo")["group_info"])
    for client in (a, b, c):
        g.ask(client, "HandleCommit", commit=joined["commit"])
    g.states[d] = joined["state_id"]
    g.agree()
    g.commit(d, [g.ask(a, "ExternalPSKProposal", psk_id=b"a psk")["proposal"]])
    g.agree()
    wrong = d("ExternalJoin", identity=b"eve", psks=[{"psk_id": b"a psk", "psk_secret": b"a guess"}],
              group_info=g.ask(a, "GroupInfo")["group_info"])
    a.refuses("HandleCommit", state_id=g[a], commit=wrong["commit"])
    d.refuses("ExternalJoin", identity=b"eve", psks=[{"psk_id": 7}], group_info=g.ask(a, "GroupInfo")["group_info"])
    b("StorePSK", state_or_transaction_id=g[b], psk_id=b"a psk", psk_secret=b"something else")
    commit = g.ask(a, "Commit", by_value=[value])["commit"]
    b.refuses("HandleCommit", state_id=g[b], commit=commit)


def reinit(clients, suite):
    """The group ends, and goes on in another suite under another name; or only with other extensions."""
    a, b, c, _ = clients
    suites = a("SupportedCiphersuites")["ciphersuites"]
    following = suites[(suites.index(suite) + 1) % len(suites)]
    for outside in (False, True):
        g = group_of(clients, suite, 3, private=outside)
        changes = (dict(cipher_suite=suite, group_id=b"group", extensions=EXTENSIONS) if outside else
                   dict(cipher_suite=following, group_id=b"the next", extensions=[]))
        proposal = g.ask(b, "ReInitProposal", **changes)["proposal"]
        a.refuses("Commit", "ReInitCommit", state_id=g[a], by_reference=[proposal])
        _, ended = g.commit(a, [proposal], handle="Handle%sReInitCommit", rpc="ReInitCommit")
        assert len({answer["epoch_authenticator"] for answer in ended.values()}) == 1
        a.refuses("Protect", state_id=g[a], plaintext=b"too late")
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
    a, b, c, d = clients
    for outside in (False, True):
        g = group_of(clients, suite, 3, private=outside)
        small = Group(clients, suite, outside, b"unused")
        package, stranger = g.package(b), g.package(d)
        fields = dict(state_id=g[a], group_id=b"the branch", extensions=EXTENSIONS, external_tree=outside)
        made = a("CreateBranch", key_packages=[package["key_package"]], force_path=outside, **fields)
        joined = b("HandleBranch", state_id=g[b], transaction_id=package["transaction_id"], welcome=made["welcome"],
                   ratchet_tree=made["ratchet_tree"])
        assert joined["epoch_authenticator"] == made["epoch_authenticator"]
        small.states = {a: made["state_id"], b: joined["state_id"]}
        small.agree()
        small.commit(b)
        small.agree()
        g.commit(c)
        g.agree()
        package = g.package(b)
        made = a("CreateBranch", key_packages=[package["key_package"], stranger["key_package"]],
                 **dict(fields, state_id=g[a]))
        b.refuses("HandleBranch", "members", state_id=g[b], transaction_id=package["transaction_id"],
                  welcome=made["welcome"], ratchet_tree=made["ratchet_tree"])


def from_outside(clients, suite):
    """Proposals of a new member and of an external signer, with the tree inside and outside."""
    a, b, c, d = clients
    for outside in (False, True):
        g = group_of(clients, suite, 2, private=outside)
        info = g.ask(a, "GroupInfo")["group_info"]
        asked = c("NewMemberAddProposal", group_info=info, identity=c.name)
        made, _ = g.commit(a, [asked["proposal"]])
        g.join(c, asked["transaction_id"], made)
        g.agree()

        signers = []
        for name in (b"first", b"second"):
            signer = d("CreateExternalSigner", cipher_suite=suite, identity=name)
            signers.append(signer["signer_id"])
            g.commit(b, [g.ask(a, "AddExternalSigner", external_sender=signer["external_sender"])["proposal"]])

        def said(description, index=1):
            about = g.ask(a, "GroupInfo", external_tree=outside)
            return d("ExternalSignerProposal", signer_id=signers[index], signer_index=index,
                     description=description, **about)["proposal"]
        package = g.package(d)
        made, _ = g.commit(a, [said({"proposal_type": b"add", "key_package": package["key_package"]})])
        g.join(d, package["transaction_id"], made)
        g.agree()
        g.commit(b, [said({"proposal_type": b"remove", "removed_id": d.name}, 0)], without=[d])
        g.agree()
        for client in (a, b, c):
            client("StorePSK", state_or_transaction_id=g[client], psk_id=b"p", psk_secret=b"secret")
        g.commit(c, [said({"proposal_type": "externalPSK", "psk_id": b"p"})])
        g.commit(a, [said({"proposal_type": b"resumptionPSK", "epoch_id": 2})])
        g.agree()
        extensions = said({"proposal_type": b"groupContextExtensions", "extensions": EXTENSIONS[:1]}, 0)
        signer = d("CreateExternalSigner", cipher_suite=suite, identity=b"third")
        g.commit(a, [extensions])
        d.refuses("ExternalSignerProposal", signer_id=signers[0], description={"proposal_type": b"x"},
                  group_info=g.ask(a, "GroupInfo")["group_info"])
        g.commit(b, [g.ask(a, "AddExternalSigner", external_sender=signer["external_sender"])["proposal"]])
        g.agree()
        signers = [signer["signer_id"]]
        last = said({"proposal_type": b"reinit", "group_id": b"next", "cipher_suite": suite}, 0)
        bad = bytearray(last)
        bad[-1] ^= 1
        a.refuses("Commit", state_id=g[a], by_reference=[bytes(bad)])
        g.commit(b, [last], handle="Handle%sReInitCommit", rpc="ReInitCommit")


def hostile(clients, suite):
    """What is no request, and what names nothing: an error each, and the state goes on."""
    a, b, _, _ = clients
    g = group_of(clients, suite, 2)
    lines = [b"", b"{", b"null", b"[]", b"7", b"\"x\"", b"\xff\xfe", b"\0", b"{}", b"{\"rpc\":1}", b"{\"rpc\":\"\"}",
             b"{\"rpc\":\"NoSuch\"}", b"{\"rpc\":\"Name\",\"rpc\":\"Name\"}", b"{\"rpc\":\"Name\"} x",
             b"[" * 100000, b"{\"rpc\":\"CreateGroup\",\"group_id\":\"AA\",\"cipher_suite\":1}",
             b"{\"rpc\":\"CreateGroup\",\"group_id\":7,\"cipher_suite\":1}",
             b"{\"rpc\":\"CreateGroup\",\"cipher_suite\":\"1\"}", b"{\"rpc\":\"CreateGroup\",\"cipher_suite\":-1}",
             b"{\"rpc\":\"CreateGroup\",\"cipher_suite\":65537}", b"{\"rpc\":\"CreateGroup\",\"cipher_suite\":1e0}",
             b"{\"rpc\":\"CreateGroup\"}", b"{\"rpc\":\"StateAuth\",\"state_id\":4294967297}"]
    for line in lines:
        assert list(a.line(line)) == ["error"], line
    wrong = [None, 0, 1, -1, 2 ** 40, 1.5, True, "", "AA==", "x", [], {}, [None], [{}], ["AA=="]]
    fields = ["state_id", "transaction_id", "reinit_id", "signer_id", "state_or_transaction_id", "cipher_suite",
              "key_package", "welcome", "group_info", "ratchet_tree", "by_reference", "by_value", "proposal", "commit",
              "extensions", "description", "ciphertext", "external_tree", "key_length", "label", "key_packages",
              "removed_id", "external_sender", "psks"]
    rng = random.Random(suite)
    spare = Group([a], suite)[a]  # some of what follows is a valid request, and changes it
    for rpc in ALL_RPCS:
        for _ in range(12):
            request = {name: rng.choice(wrong) for name in rng.sample(fields, 6)}
            request["state_id"] = spare if rpc != "Free" and rng.random() < 0.7 else 0
            a.line(json.dumps(dict(request, rpc=rpc)).encode())
    update = g.ask(b, "UpdateProposal")["proposal"]
    commit = g.ask(b, "Commit", force_path=True)["commit"]
    for data in (update, commit):
        for _ in range(20):
            bad = bytearray(data)
            bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
            for rpc, names in (("HandleCommit", "commit"), ("Unprotect", "ciphertext")):
                a.refuses(rpc, state_id=g[a], **{names: bytes(bad)})
    a.refuses("Export", "key_length", state_id=g[a], key_length=2 ** 31)
    a.refuses("Export", state_id=g[a], label="x" * 300, key_length=16)
    a.refuses("StateAuth", "no state", state_id=10 ** 6)
    a.refuses("JoinGroup", "no transaction", transaction_id=g[a])
    a.refuses("RemoveProposal", "identity", state_id=g[a], removed_id=b"nobody")
    g.ask(a, "HandleCommit", commit=commit)
    g.ask(b, "HandlePendingCommit")
    g.agree()
    assert a("Free", state_id=g[a]) == {}
    a.refuses("StateAuth", "no state", state_id=g[a])
    a.refuses("Free", "nothing", state_id=g[a])


def long_line(program):
    """A line that is longer than the limit is refused as one, and the next is answered."""
    client = Client(program, "long")
    piece = b"x" * (1 << 20)
    for _ in range(65):
        client.process.stdin.write(piece)
    assert "long" in client.line(b"")["error"]
    assert client("Name") == {"name": "incamera"}
    assert client.end() == 0


def unfinished(program):
    """The end of the input in a line, and with things that wait, ends it well."""
    client = Client(program, "end")
    g = Group([client], 1)
    g.ask(client, "UpdateProposal")
    g.ask(client, "Commit")
    client("CreateKeyPackage", cipher_suite=1, identity=b"x")
    client.process.stdin.write(b"{\"rpc\":\"Name\"}")
    assert client.end() == 0


SCRIPTS = [joining, changing, external_joins, psks, reinit, branch, from_outside, hostile]


def every_operation():
    missing = set(ALL_RPCS) - Client.tried
    assert not missing, missing


def main():
    program = os.path.abspath(sys.argv[1])
    only = sys.argv[2:]
    clients = [Client(program, name) for name in ("alice", "bob", "carol", "dave")]
    suites = clients[0]("SupportedCiphersuites")["ciphersuites"]
    assert clients[0]("Name")["name"] == "incamera" and suites == [1, 2, 3, 4, 5, 6, 7]
    tests = [("%s in suite %d" % (script.__name__, suite), lambda s=script, n=suite: s(clients, n))
             for suite in suites for script in SCRIPTS if not only or script.__name__ in only]
    if not only:
        tests += [("all are freed", lambda: check_ends(clients)), ("a long line", lambda: long_line(program)),
                  ("an unfinished line", lambda: unfinished(program)), ("every operation", every_operation)]
    passed = failed = 0
    for name, test in tests:
        try:
            test()
            passed += 1
        except Exception:  # whatever it is, the next test is to run
            failed += 1
            print("FAIL %s\n%s" % (name, traceback.format_exc()))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


def check_ends(clients):
    assert [client.end() for client in clients] == [0] * len(clients)


if __name__ == "__main__":
    sys.exit(main())
