"""Our vectors of what must be refused, before the peers that tools/peers builds.

    python3 tests/interop/peers/refusals_test.py tests/vectors/own/refusals.json peer-clock.so

Each peer joins by the vectors' Welcome and follows their commit that is in order: so the vectors are right to
others too. What a peer takes all the same has a line in KNOWN: another list, shorter or longer, fails the test.
"""
import json
import os
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]
from driver.client import Client, Ended, Refused  # noqa: E402
from pair_test import built_peers  # noqa: E402

PRIVATE = ("init_priv", "encryption_priv", "signature_priv")

ALL = (1, 2, 3)

# What is taken, by peer, in these suites: docs/interop.md.
KNOWN = {
    "peer-mls-rs": {
        "an encryption key that is none of the suite": ALL,
        "a lifetime of a century": ALL,
        "a leaf that does not support the version": ALL,
        "a leaf that does not support the suite": ALL,
        "a path whose keys are in the tree": ALL,
        "a path with a ciphertext too many": ALL,
        "an Update that keeps its encryption key": ALL,
        "a resync that keeps the encryption key": ALL,
        "a GroupInfo of another suite": (1, 3),
    },
    "peer-openmls": {
        "two Removes of one leaf": ALL,
        "two GroupContextExtensions": ALL,
        "a ReInit with a PSK": ALL,
        "a ReInit to version 0": ALL,
        "an encryption key that is none of the suite": ALL,
        "a lifetime of a century": ALL,
        "a path with a ciphertext too many": ALL,
        "an external commit with two ExternalInits": ALL,
        "a resync that keeps the encryption key": ALL,
    },
}


class Joiner:
    """The client of one vector, as often as it is wanted: each refusal starts afresh."""

    def __init__(self, client, vector):
        self.client, self.vector = client, vector

    def join(self, welcome):
        v, hexed = self.vector, bytes.fromhex
        made = self.client("ImportKeyPackage", key_package=hexed(v["key_package"]),
                           **{name: hexed(v[name]) for name in PRIVATE})
        for psk in v["external_psks"]:
            self.client("StorePSK", state_or_transaction_id=made["transaction_id"], psk_id=hexed(psk["psk_id"]),
                        psk_secret=hexed(psk["psk"]))
        return self.client("JoinGroup", transaction_id=made["transaction_id"], welcome=hexed(welcome))["state_id"]

    def follow(self, state):
        """The commit that is in order."""
        followed = self.client("HandleCommit", state_id=state, commit=bytes.fromhex(self.vector["next_commit"]))
        assert followed["epoch_authenticator"].hex() == self.vector["next_epoch_authenticator"]

    def take(self, state, message):
        """Takes a message, of whichever kind. A proposal that waits has not been judged: it is committed."""
        try:
            self.client("HandleCommit", state_id=state, commit=message)
        except Refused as error:
            if "is not one" not in str(error):
                raise
            self.client("Commit", state_id=state, by_reference=[message])

    def refuses(self, refusal):
        if "welcome" in refusal:
            try:
                self.client("Free", state_id=self.join(refusal["welcome"]))
            except Refused:
                return True
            return False
        state = self.join(self.vector["welcome"])
        try:
            if "proposal" in refusal:
                self.propose(state, bytes.fromhex(refusal["proposal"]))
            self.take(state, bytes.fromhex(refusal["message"]))
        except Refused:
            return True
        finally:
            self.client("Free", state_id=state)
        return False

    def propose(self, state, proposal):
        """Takes a proposal that is in order."""
        try:
            self.client("HandleCommit", state_id=state, commit=proposal)
        except Refused as error:
            assert "is not one" in str(error), error


def play(client, vector, known):
    """(passed, failed) of a peer in a suite."""
    joiner, passed, failed = Joiner(client, vector), 1, 0
    joiner.follow(joiner.join(vector["welcome"]))
    for refusal in vector["refusals"]:
        taken = vector["cipher_suite"] in known.get(refusal["says"], ())
        if joiner.refuses(refusal) != taken:
            passed += 1
        else:
            failed += 1
            print("FAIL %s, suite %d: %s, %s: %s" % (client.name.decode(), vector["cipher_suite"], refusal["rule"],
                                                     refusal["says"], "refused" if taken else "taken"))
    return passed, failed


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        vectors = json.load(file)
    peers = built_peers()
    if not peers:
        print("0 passed, 0 failed, %d skipped" % len(vectors))
        return 77
    passed = failed = 0
    for peer in peers:
        name = os.path.basename(peer)
        for vector in vectors:
            client = Client(["env", "LD_PRELOAD=" + os.path.abspath(sys.argv[2]), "PEER_NOW=%d" % vector["now"], peer],
                            name)
            try:
                p, f = play(client, vector, KNOWN[name])
            except (Refused, Ended, AssertionError):
                print("FAIL %s, suite %d\n%s" % (name, vector["cipher_suite"], traceback.format_exc()))
                p, f = 0, 1
            passed, failed = passed + p, failed + f
            client.end()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
