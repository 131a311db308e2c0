"""A sending client is killed and returns: no key and nonce pair is used twice, and it is the same person."""
import json
import os
import sys

from harness import Cases

MEDIA = ("--audio", "test:tone:500", "--video", "test:ball", "--size", "160x90", "--fps", "15",
         "--stats", "1")


def pairs_at(stage, tap):
    listing = stage.run("tests/demo/ic-tapframes", tap, tap + ".frames").stdout
    frames = [json.loads(line) for line in listing.splitlines()]
    return [(f["room"], f["kid"], f["ctr"]) for f in frames if "kid" in f]


def a_killed_sender_repeats_no_nonce(stage):
    tap = os.path.join(stage.folder, "media.tap")
    server = stage.server("--test-tap", tap)
    link = server.create_meeting("alice")
    alice = stage.client("alice", link, *MEDIA)
    alice.enter()
    bob = stage.client("bob", link, *MEDIA)
    alice.admit("bob")
    bob.enter()
    alice.expect_hearing("bob")
    for _ in range(2):
        alice.expect_flow(more=50)
        mark = alice.mark()
        bob.kill()
        bob = stage.client("bob", link, *MEDIA)
        bob.enter()
        bob.expect("media", open=True)
        bob.expect_flow("frames_sent", more=50)
        alice.expect_flow(more=50)
        assert not alice.select("knock", since=mark), "bob has to knock though he is a member"
        alice.chat("still together")
        bob.expect_line("still together")
    assert alice.last("stats")["failed_replay"] == 0, "a receiver saw a counter twice"
    bob.send("leave")
    bob.finish()
    server.stop()
    pairs = pairs_at(stage, tap)
    assert len(pairs) > 300, "only %d frames at the forwarder" % len(pairs)
    twice = len(pairs) - len(set(pairs))
    assert twice == 0, "%d of %d pairs of KID and counter came twice" % (twice, len(pairs))


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(a_killed_sender_repeats_no_nonce))
