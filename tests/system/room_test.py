"""What people do in a room, through real clients: being removed, locking, handing over, coming by number."""
import os
import sys

from harness import Cases, wait_until


def open_with(stage, *names, create=()):
    server = stage.server()
    link = server.create_meeting("alice", "Test", *create)
    alice = stage.client("alice", link)
    alice.enter()
    others = [stage.client(name, link) for name in names]
    for name in names:
        alice.admit(name)
    for client in others:
        client.enter()
    return server, link, alice, others


def read(path):
    with open(path) as f:
        return f.read()


def leaf_of(watcher, name):
    return watcher.expect("joined", person=name)["person"]["leaf"]


def who_is_removed_knocks_again(stage):
    _, link, alice, (bob, carol) = open_with(stage, "bob", "carol")
    bob.chat("here I am")
    alice.expect_line("here I am")  # he has caught up, and so gets the commit that removes him
    alice.send("remove", leaf=leaf_of(alice, "bob"))
    for client in (alice, carol):
        assert client.expect("left", person="bob")["why"] == "removed-by-host"
    assert bob.expect("ended")["why"] == "removed-by-host"
    assert bob.finish() == 1, "being removed is no good end"
    mark = alice.mark()
    bob = stage.client("bob", link)
    bob.expect("waiting")
    assert alice.expect("knock", since=mark, person="bob")["barred"], "the host is not told of the removal"
    alice.admit("bob", since=mark)
    bob.enter()
    bob.chat("back again")
    carol.expect_line("back again")


def both_sides_of_the_lobby_show_one_code(stage):
    _, link, alice, _ = open_with(stage)
    bob = stage.client("bob", link)
    told = bob.expect("waiting")["short_code"]
    assert alice.expect("knock", person="bob")["short_code"] == told


def a_locked_room_takes_nobody(stage):
    _, link, alice, (bob,) = open_with(stage, "bob")
    alice.send("lock", on=True)
    bob.expect("terms")
    carol = stage.client("carol", link)
    assert carol.expect("refused")["why"], "no reason was given"
    mark = bob.mark()
    alice.send("lock", on=False)
    bob.expect("terms", since=mark)
    mark = alice.mark()
    carol = stage.client("carol", link)
    alice.admit("carol", since=mark)
    carol.enter()


def the_last_host_hands_over(stage):
    _, link, alice, (bob, carol) = open_with(stage, "bob", "carol")
    alice.send("leave")
    assert alice.finish() == 0
    for client in (bob, carol):
        assert client.expect("left", person="alice")["why"] == "left"
    dave = stage.client("dave", link)
    bob.admit("dave")
    dave.enter()
    carol.expect("joined", person="dave")


def the_organiser_comes_back_as_host(stage):
    _, link, alice, (bob,) = open_with(stage, "bob")
    alice.send("leave")
    alice.finish()
    bob.expect("left", person="alice")
    alice = stage.client("alice", link)
    alice.enter()  # the terms name her: nobody has to be asked
    assert bob.expect("joined", person="alice")["person"]["host"]


def an_end_is_an_end_for_all(stage):
    _, link, alice, (bob, carol) = open_with(stage, "bob", "carol")
    bob.send("end")
    bob.expect("not_done", command="end")
    alice.send("end")
    for client in (alice, bob, carol):
        assert client.expect("ended")["why"] == "ended"
        assert client.finish() == 0
    late = stage.client("dave", link)
    late.expect("ended", where=lambda e: e["why"])
    assert late.finish() == 1


def by_number_there_is_no_pin(stage):
    server = stage.server()
    made = server.create("alice")
    alice = stage.client("alice", made["url"])
    alice.enter()
    head = made["url"].split("/m/")[0]
    bob = stage.client("bob", "%s/m/%s#c=%s" % (head, made["number"], server.ready["pin"]))
    bob.expect("alert", rule="not-bound-to-link")
    alice.admit("bob")
    bob.enter()
    codes = {c.expect("code", where=lambda e: e["devices"] == 2)["code"] for c in (alice, bob)}
    assert len(codes) == 1, "the codes differ"


def whoever_has_the_link_comes_in_where_the_link_admits(stage):
    _, link, alice, _ = open_with(stage, create=("--admission", "link"))
    for name in ("bob", "carol"):
        stage.client(name, link).enter()
        alice.expect("joined", person=name)


def a_personal_room_opens_again_with_new_keys(stage):
    server, link, alice, (bob,) = open_with(stage, "bob", create=("--kind", "personal"))
    first = alice.last("code")["code"]
    alice.send("end")
    for client in (alice, bob):
        client.finish()
    alice = stage.client("alice", link)
    alice.enter()
    assert alice.last("code")["code"] != first
    assert alice.last("code")["epoch"] == 0, "the new session is no new group"


def who_leaves_last_leaves_nothing(stage):
    server, _, alice, (bob,) = open_with(stage, "bob")
    for client in (bob, alice):
        client.send("leave")
        assert client.finish() == 0
    log = os.path.join(server.dir, "log", "incamerad.log")
    wait_until(lambda: "event=session_end" in read(log), "the session ends")


def who_comes_before_the_host_waits(stage):
    server = stage.server()
    link = server.create_meeting("alice", "Test", "--kind", "scheduled", "--start", "2100-01-01T10:00Z",
                                 "--end", "2100-01-01T11:00Z")
    bob = stage.client("bob", link)
    bob.expect("state", state="waiting_host")
    alice = stage.client("alice", link)
    alice.enter()
    alice.admit("bob")
    bob.enter()


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        who_is_removed_knocks_again, both_sides_of_the_lobby_show_one_code, a_locked_room_takes_nobody,
        the_last_host_hands_over, the_organiser_comes_back_as_host, an_end_is_an_end_for_all,
        by_number_there_is_no_pin, whoever_has_the_link_comes_in_where_the_link_admits,
        a_personal_room_opens_again_with_new_keys, who_leaves_last_leaves_nothing,
        who_comes_before_the_host_waits))
