"""What people tell each other beside plain lines, through real clients."""
import os
import sys

from harness import Cases, wait_until


def open_with(stage, *names, options=()):
    link = stage.server().create_meeting("alice", "Test")
    alice = stage.client("alice", link)
    alice.enter()
    others = []
    for name in names:
        others.append(stage.client(name, link, *options))
        alice.admit(name)
        others[-1].enter()
        alice.expect("joined", person=name)
    return link, alice, others


def leaf_of(watcher, name):
    return watcher.expect("joined", person=name)["person"]["leaf"]


def a_line_answers_and_means_somebody(stage):
    _, alice, (bob, carol) = open_with(stage, "bob", "carol")
    bob.chat("who brings the cake?")
    first = alice.expect("chat", person="bob")
    alice.send("chat", text="@carol, you?", reply=first["seq"], mentions=[leaf_of(alice, "carol")])
    seen = carol.expect("chat", person="alice")
    assert seen["reply"] == first["seq"] and seen["you"] and seen["mentions"] == [leaf_of(alice, "carol")], seen
    assert not bob.expect("chat", person="alice")["you"]
    alice.send("chat", text="everybody!", everybody=True)
    assert bob.expect("chat", text="everybody!")["you"]
    assert not alice.expect("chat", text="everybody!")["you"], "she does not mean herself"
    carol.send("mark", seq=first["seq"], sign="\U0001f370")
    marks = bob.expect("marks", person="carol")
    assert marks["marks"] == [{"sign": "\U0001f370", "count": 1, "own": False, "names": ["carol"]}], marks
    carol.send("mark", seq=first["seq"], sign="\U0001f370", put=False)
    assert bob.expect("marks", person="carol", put=False)["marks"] == []
    bob.send("react", sign="\U0001f44f")
    alice.expect("reaction", person="bob", sign="\U0001f44f")
    bob.send("chat", text="to nobody", mentions=[77])
    bob.expect("not_done", command="chat")


def hands_stand_in_the_order_in_which_they_went_up(stage):
    link, alice, (bob, carol) = open_with(stage, "bob", "carol")
    bob.send("hand", up=True)
    alice.expect("hands", where=lambda e: [p["name"] for p in e["people"]] == ["bob"])
    carol.send("hand", up=True)
    both = lambda e: [p["name"] for p in e["people"]] == ["bob", "carol"]
    alice.expect("hands", where=both)
    dave = stage.client("dave", link)  # comes late, and is told
    alice.admit("dave")
    dave.enter()
    dave.expect("hands", where=both)
    bob.send("hand", up=False)
    for client in (alice, carol, dave):
        client.expect("hands", where=lambda e: [p["name"] for p in e["people"]] == ["carol"])
    alice.send("roster")
    row = {p["person"]["name"]: p for p in alice.expect("roster")["people"]}
    assert row["carol"]["hand"] > 0 and row["bob"]["hand"] == 0 and row["dave"]["told"], row
    alice.send("shield")
    shield = alice.expect("shield")
    told = alice.expect("code", epoch=shield["epoch"])
    assert shield["code"] == told["code"] and shield["suite"].startswith("MLS_"), shield
    assert shield["committer"]["name"] == told["committer"]["name"], shield


def a_host_asks_for_quiet(stage):
    _, alice, (bob, carol) = open_with(stage, "bob", "carol", options=("--audio", "test:tone:700"))
    alice.expect("status", person="bob", microphone=True)
    bob.send("mute_all")
    bob.expect("not_done", command="mute_all")
    alice.send("mute", leaf=leaf_of(alice, "bob"))
    assert bob.expect("mute_asked", person="alice")["you"]
    assert not carol.expect("mute_asked", person="alice")["you"]
    alice.expect("status", person="bob", microphone=False)
    assert not alice.select("status", person="carol", microphone=False)
    alice.send("mute_all")
    assert carol.expect("mute_asked", everybody=True)["you"]
    alice.expect("status", person="carol", microphone=False)
    mark = alice.mark()
    carol.send("microphone", on=True)
    alice.expect("status", person="carol", microphone=True, since=mark)


def who_records_is_seen_by_all_and_by_newcomers(stage):
    link, alice, _ = open_with(stage)
    folder = os.path.join(stage.folder, "records")
    os.makedirs(folder, exist_ok=True)
    bob = stage.client("bob", link, "--record", folder)
    alice.admit("bob")
    bob.enter()
    assert alice.expect("records", person="bob", on=True)["present"] is False
    carol = stage.client("carol", link)
    alice.admit("carol")
    carol.enter()
    assert carol.expect("records", person="bob", on=True)["present"]
    bob.send("leave")
    bob.finish()
    carol.expect("records", person="bob", on=False)
    wait_until(lambda: carol.select("left", person="bob"), "bob is gone")


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        a_line_answers_and_means_somebody, hands_stand_in_the_order_in_which_they_went_up, a_host_asks_for_quiet,
        who_records_is_seen_by_all_and_by_newcomers))
