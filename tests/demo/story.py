"""The meeting that the demo plays, and the small one without frame encryption that is its control."""
import json
import os
import secrets
import string
import time

import people
import pictures
from evidence import Snapshots

MEMBERS = ("alice", "bob", "carol", "dave")  # bob leaves, dave comes late
STREAMS = ("audio", "video")
INTERNAL, EXTERNAL = ("alice", "dave"), "bob"  # carol comes without a certificate
KNOWS_RING = ("alice", "bob")                  # and carol, by an option; dave has not heard of that authority


def random_line():
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))


class Meeting:
    """What was done, and where its traces are."""

    def __init__(self, stage, name, plain=False):
        self.stage, self.name, self.plain = stage, name, plain
        self.folder = os.path.join(stage.folder, name)
        os.makedirs(self.folder)
        self.tap = os.path.join(self.folder, "media.tap")
        self.control_tap = os.path.join(self.folder, "control.tap")
        self.clients = {}
        self.homes = {}
        self.options = {}
        self.lines = []
        self.server = stage.server("--test-tap", self.tap, "--test-tap-control", self.control_tap,
                                   name=name + "-server")
        self.snapshots = Snapshots(self.server.pid, os.path.join(self.folder, "memory"))
        self.link = None

    def export_of(self, name):
        return os.path.join(self.folder, name + ".export")

    def records_of(self, name):
        return os.path.join(self.folder, "recorded-by-" + name)

    def disk_copies(self):
        copy = os.path.join(self.folder, "disk-in-mid-meeting")
        return [copy] if os.path.isdir(copy) else []

    def join(self, name):
        options = pictures.sources(self.folder, name) + [
            "--record", self.records_of(name), "--stats", "1", "--test-export", self.export_of(name)]
        if self.plain:
            options.append("--test-plain")
        options += self.options.get(name, [])
        self.clients[name] = self.stage.client(name, self.link, *options, home=self.homes.get(name))
        return self.clients[name]

    def everybody_hears(self, names):
        for name in names:
            for other in names:
                if name != other:
                    self.clients[name].expect_hearing(other)

    def say(self, speaker, listeners):
        line = random_line()
        self.lines.append(line)
        self.clients[speaker].chat(line)
        for listener in listeners:
            self.clients[listener].expect_line(line)

    def flow(self, names, more=65):
        bases = {name: self.clients[name].last("stats").get("frames_decrypted", 0) for name in names}
        for name, base in bases.items():
            self.clients[name].expect_flow(more=more, base=base)

    def end(self, names):
        """The host ends it for all; every process ends by itself and closes its recordings."""
        self.clients["alice"].send("end")
        for name in names:
            status = self.clients[name].finish()
            if status != 0:
                raise self.failure("%s ended with status %d: %s" % (
                    name, status, self.clients[name].last_words()))

    @staticmethod
    def failure(text):
        from harness import Failure
        return Failure(text)


def introduce(stage, m):
    """Who is who before anybody meets: two by the server's own CA, one by another's, one by nobody."""
    ring = people.Authority(os.path.join(m.folder, "ring"), "Ring CA")
    for name in INTERNAL:
        m.homes[name] = people.enrolled(stage, m.server, name)
    m.homes[EXTERNAL] = people.certified(stage, ring, EXTERNAL)
    for name in KNOWS_RING:
        people.trusts(stage, m.homes[name], ring)
    house = os.path.join(m.folder, "house.pem")
    people.fetch_root(m.server, house)
    m.options["bob"] = ["--internal-roots", house]
    m.options["carol"] = ["--internal-roots", house, "--external-roots", ring.root]


def codes_up_to(meeting, names):
    """All of them are in one epoch: the newest that any has told."""
    newest = max(meeting.clients[n].epoch() for n in names)
    for name in names:
        meeting.clients[name].expect("code", where=lambda e: e["epoch"] >= newest)


def play(stage, tell):
    """The main job. Returns the meeting, ended, with its traces."""
    m = Meeting(stage, "meeting")
    introduce(stage, m)
    tell("two have certificates of the server's CA, one of another's")
    m.link = m.server.create_meeting("alice", title="Demo", home=m.homes["alice"])
    alice = m.join("alice")
    alice.enter()
    for name in ("bob", "carol"):
        m.join(name)
    for name in ("bob", "carol"):
        alice.admit(name)
    for name in ("bob", "carol"):
        m.clients[name].enter()
    m.everybody_hears(("alice", "bob", "carol"))
    tell("three are in and hear each other")
    m.snapshots.take(everything=True)
    for speaker in ("alice", "bob", "carol"):
        m.say(speaker, ("alice", "bob", "carol"))

    mallory = m.join("mallory")
    mallory.expect("waiting")
    alice.refuse("mallory")
    mallory.expect("refused")
    mallory.finish()
    tell("one was refused")
    m.flow(("alice", "bob", "carol"), more=300)
    m.snapshots.take()

    dave = m.join("dave")
    alice.admit("dave")
    dave.enter()
    m.everybody_hears(MEMBERS)
    codes_up_to(m, MEMBERS)
    tell("one came late")
    m.snapshots.take()
    m.say("dave", MEMBERS)
    m.say("bob", MEMBERS)
    m.flow(MEMBERS, more=600)
    codes_up_to(m, MEMBERS)

    m.clients["bob"].send("leave")
    rest = ("alice", "carol", "dave")
    for name in rest:
        m.clients[name].expect("left", person="bob")
    m.clients["bob"].finish()
    codes_up_to(m, rest)
    tell("one left")
    m.snapshots.take()
    m.say("carol", rest)
    m.flow(rest, more=400)
    m.snapshots.take()
    m.server.copy_disk(os.path.join(m.folder, "disk-in-mid-meeting"))
    m.end(rest)
    m.server.stop()
    return m


def play_plain(stage):
    """Two clients whose frames are not encrypted, and a key planted as the meeting's title. A plain frame
    ends with its sender's newest base key (client/testhook)."""
    m = Meeting(stage, "control", plain=True)
    planted = random_line()
    with open(os.path.join(m.folder, "planted.export"), "w") as out:
        json.dump({"kind": "secret planted", "time_ms": int(time.time() * 1000),
                   "hex": planted.encode().hex()}, out)
        out.write("\n")
    m.link = m.server.create_meeting("alice", title=planted)
    alice = m.join("alice")
    alice.enter()
    bob = m.join("bob")
    alice.admit("bob")
    bob.enter()
    for client in (alice, bob):
        client.expect_flow("frames_received", more=65)
    m.snapshots.take()
    m.end(("alice", "bob"))
    m.server.stop()
    return m
