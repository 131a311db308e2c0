"""The server is killed with SIGKILL in mid-meeting and started again: clients return by themselves, no
acknowledged line is lost, and the group goes on."""
import sys
import threading

from harness import Cases

MEDIA = ("--audio", "test:tone:500", "--video", "test:ball", "--size", "160x90", "--fps", "15",
         "--stats", "1")


class Talker(threading.Thread):
    """Says numbered lines without a pause for an answer."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.said, self.over = client, [], threading.Event()

    def run(self):
        while not self.over.wait(0.05):
            line = "%s says line %d of many" % (self.client.label, len(self.said) + 1)
            self.said.append(line)
            self.client.chat(line)

    def acknowledged(self):
        """Its first lines: `sent` numbers all that a client says, in order, and chat has kind 2."""
        return self.said[:len(self.client.select("sent", kind=2))]

    def end(self):
        self.over.set()
        self.join()


def three(stage, *media):
    server = stage.server()
    link = server.create_meeting("alice")
    clients = [stage.client("alice", link, *media)]
    clients[0].enter()
    for name in ("bob", "carol"):
        clients.append(stage.client(name, link, *media))
        clients[0].admit(name)
        clients[-1].enter()
    return server, link, clients


def lines_of(client):
    return [e["text"] for e in client.select("chat")]


def a_killed_server_loses_nothing(stage):
    server, link, clients = three(stage)
    alice, bob, carol = clients
    talkers = [Talker(c) for c in (bob, carol)]
    for t in talkers:
        t.start()
    for c in (bob, carol):
        c.expect("sent", kind=2, count=10)
    marks = {c: c.mark() for c in clients}
    server.kill_and_restart(after_s=1)
    for c in clients:
        c.expect("connection", since=marks[c], up=True)
    for c in (bob, carol):
        c.expect("sent", since=marks[c], kind=2, count=10)
    for t in talkers:
        t.end()
        t.client.expect("sent", kind=2, count=len(t.said))
        assert len(t.acknowledged()) == len(t.said), "more acknowledgements than lines"
        for reader in clients:
            reader.expect_line(t.said[-1])
    for t in talkers:
        for reader in clients:
            got = [text for text in lines_of(reader) if text in set(t.said)]
            assert got == t.said, "%s misses or repeats lines of %s: %d of %d" % (
                reader.label, t.client.label, len(got), len(t.said))
    dave = stage.client("dave", link)
    alice.admit("dave")
    dave.enter()
    for c in clients:
        c.expect("joined", person="dave")
    epoch = dave.epoch()
    codes = {c.expect("code", epoch=epoch)["code"] for c in clients + [dave]}
    assert len(codes) == 1, "the codes differ after the restart"


def media_flows_again(stage):
    server, _, clients = three(stage, *MEDIA)
    for c in clients:
        c.expect_flow(more=50)
    marks = {c: c.mark() for c in clients}
    server.kill_and_restart()
    for c in clients:
        c.expect("media", since=marks[c], open=True)
        c.expect_flow(more=50)
    for c in clients:
        assert c.last("stats")["failed_auth"] == 0, "frames do not authenticate after the restart"


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(a_killed_server_loses_nothing, media_flows_again))
