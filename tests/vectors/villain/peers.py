#!/usr/bin/env python3
"""peers.py MAKE SUITE PEER...: what of tests/vectors/own/refusals.json do other implementations refuse?

MAKE is mls-make-refusals; PEER the command line of a client behind the lines of docs/interop.md. Each crime is made anew
against a key package of the peer's: it joins, is given what is in order, then what is not. Prints a line for each that the
peer accepted, and `N refused, N accepted, N only noted, N not played`. Only noted: a proposal that the peer took, and that no
commit referred to; it may yet refuse that commit. Findings, not a test: exits 0.
"""
import base64
import json
import shlex
import subprocess
import sys


APPLICATION, PROPOSAL = 1, 2


def content_type(message):
    """Of a PublicMessage or PrivateMessage, encoded as MLSMessage with a short group ID."""
    public, at = message[3] == 1, 5 + message[4]
    at += 8
    if not public:
        return message[at]
    at += 5 if message[at] in (1, 2) else 1
    return message[at + 1 + message[at]]


class Peer:
    def __init__(self, command):
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)

    def ask(self, rpc, **fields):
        for name, value in fields.items():
            if isinstance(value, bytes):
                fields[name] = base64.b64encode(value).decode()
            elif isinstance(value, list):
                fields[name] = [base64.b64encode(v).decode() for v in value]
        self.process.stdin.write(json.dumps(dict(rpc=rpc, **fields)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": "the peer is gone"}


def store_psk(peer, number):
    return peer.ask("StorePSK", state_or_transaction_id=number, psk_id=b"known", psk_secret=b"the secret of known")


def play(peer, make, suite, index):
    """None past the last crime, else (what it is, `refused`, `accepted` or why it was not played)."""
    package = peer.ask("CreateKeyPackage", cipher_suite=suite, identity=b"member-1")
    if "error" in package:
        return "", package["error"]
    made = subprocess.run([make, "--against", str(suite), str(index)], input=base64.b64decode(package["key_package"]),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if made.returncode == 2:
        return None
    if made.returncode:
        return made.stderr.decode().strip(), "it cannot be made"
    crime = json.loads(made.stdout)
    data = {k: bytes.fromhex(v) for k, v in crime.items() if k not in ("rule", "says")}
    what = "%s: %s" % (crime["rule"], crime["says"])
    if crime["says"].endswith(" a required extension"):
        return what, "a group with a peer in it requires none"
    transaction = package["transaction_id"]
    store_psk(peer, transaction)
    if "welcome" in data:
        answer = peer.ask("JoinGroup", transaction_id=transaction, welcome=data["welcome"], identity=b"member-1")
        return what, "refused" if "error" in answer else "accepted"
    answer = peer.ask("JoinGroup", transaction_id=transaction, welcome=data["start"], identity=b"member-1")
    if "error" in answer:
        return what, "it did not join: " + answer["error"]
    state = answer["state_id"]
    before = [data["proposal"]] if data["proposal"] else []
    kind = content_type(data["message"])
    if kind == APPLICATION:
        answer = peer.ask("Unprotect", state_id=state, ciphertext=data["message"])
    elif kind == PROPOSAL:  # with a commit that does not refer to it
        answer = peer.ask("HandleCommit", state_id=state, proposal=before + [data["message"]], commit=data["next_commit"])
        return what, "refused" if "error" in answer else "only noted"
    else:
        answer = peer.ask("HandleCommit", state_id=state, proposal=before, commit=data["message"])
    return what, "refused" if "error" in answer else "accepted"


def control(peer, make, suite):
    """What is in order must be taken, or nothing else means anything."""
    package = peer.ask("CreateKeyPackage", cipher_suite=suite, identity=b"member-1")
    made = subprocess.run([make, "--against", str(suite), "0"], input=base64.b64decode(package["key_package"]),
                          stdout=subprocess.PIPE, check=True)
    data = {k: bytes.fromhex(v) for k, v in json.loads(made.stdout).items() if k not in ("rule", "says")}
    answer = peer.ask("JoinGroup", transaction_id=package["transaction_id"], welcome=data["start"], identity=b"member-1")
    if "error" not in answer:
        state = answer["state_id"]
        answer = peer.ask("HandleCommit", state_id=state, proposal=[data["proposal"]], commit=data["next_commit"])
    if "error" in answer:
        return answer["error"]
    got = peer.ask("StateAuth", state_id=answer["state_id"])["state_auth_secret"]
    return None if base64.b64decode(got) == data["next_epoch_authenticator"] else "another epoch"


def main():
    make, suite, command = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    peer, counts, index = Peer(command), {"refused": 0, "accepted": 0, "only noted": 0, "": 0}, 0
    print("%s, suite %d" % (peer.ask("Name").get("name", command), suite))
    trouble = control(peer, make, suite)
    if trouble:
        print("what is in order is refused: " + trouble)
        return 0
    while True:
        result = play(peer, make, suite, index)
        if result is None:
            break
        what, verdict = result
        counts[verdict if verdict in counts else ""] += 1
        if verdict != "refused":
            print("  %s: %s" % (verdict, what))
        if verdict.endswith("is gone"):
            peer = Peer(command)
        index += 1
    print("%d refused, %d accepted, %d only noted, %d not played"
          % (counts["refused"], counts["accepted"], counts["only noted"], counts[""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
