"""Two members commit at one epoch: one wins, the other's change is retried, nothing is lost."""
import sys

from harness import Cases, wait_until


def in_one_epoch(clients):
    def agree():
        codes = {(c.last("code").get("epoch"), c.last("code").get("code")) for c in clients}
        return len(codes) == 1 and codes.pop()
    return wait_until(agree, "all in one epoch with one code: %s" % [c.last("code") for c in clients])


def admitted(stage, names, alice, link):
    clients = [stage.client(name, link) for name in names]
    for name in names:
        alice.admit(name)
    for c in clients:
        c.enter()
    return clients


def open_meeting(stage):
    link = stage.server().create_meeting("alice")
    alice = stage.client("alice", link)
    alice.enter()
    return link, alice


def two_hosts_admit_at_once(stage):
    link, alice = open_meeting(stage)
    bob, = admitted(stage, ["bob"], alice, link)
    leaf = bob.expect("joined", where=lambda e: e["person"]["self"])["person"]["leaf"]
    alice.send("host", leaf=leaf)
    bob.expect("terms")
    for turn in range(3):
        names = ["dave%d" % turn, "erin%d" % turn]
        new = [stage.client(name, link) for name in names]
        knocks = [(c, c.knock_of(name)) for c, name in zip((alice, bob), names)]
        for c, knock in knocks:
            c.send("admit", knock=knock)
        for c in new:
            c.enter()
        for c in (alice, bob):
            for name in names:
                c.expect("joined", person=name)
        in_one_epoch([alice, bob] + new)


def updates_at_once(stage):
    link, alice = open_meeting(stage)
    clients = [alice] + admitted(stage, ["bob", "carol"], alice, link)
    epoch, _ = in_one_epoch(clients)
    for turn in range(4):
        for c in clients:
            c.send("update")
        for c in clients:
            c.chat("%s in turn %d" % (c.label, turn))
        for c in clients:
            c.expect("code", where=lambda e, want=epoch + len(clients): e["epoch"] >= want)
        epoch, _ = in_one_epoch(clients)
        for reader in clients:
            for c in clients:
                reader.expect_line("%s in turn %d" % (c.label, turn))


def an_exit_and_an_entry_at_once(stage):
    link, alice = open_meeting(stage)
    bob, carol = admitted(stage, ["bob", "carol"], alice, link)
    dave = stage.client("dave", link)
    knock = alice.knock_of("dave")
    bob.send("leave")
    carol.send("update")
    alice.send("admit", knock=knock)
    dave.enter()
    bob.finish()
    for c in (alice, carol):
        c.expect("left", person="bob")
        c.expect("joined", person="dave")
    in_one_epoch([alice, carol, dave])


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(two_hosts_admit_at_once, updates_at_once,
                                       an_exit_and_an_entry_at_once))
