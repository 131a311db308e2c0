"""Whom a client trusts: the pin in the link or the system's roots, nobody else; http for localhost alone."""
import base64
import hashlib
import re
import sys

from harness import Cases


def other_pin(text):
    pin = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return "c=" + pin


def refused(stage, name, link):
    """It never gets a connection, and says why."""
    client = stage.client(name, link)
    why = client.expect("connection", up=False)["why"]
    client.expect("connection", up=False, count=2)
    assert not client.select("connection", up=True), "it connected"
    assert why, "no reason was given"


def the_pinned_server_is_trusted(stage):
    link = stage.server().create_meeting("alice")
    assert link.startswith("https://") and "c=" in link.split("#", 1)[1], "the link has no pin: " + link
    stage.client("alice", link).enter()


def a_wrong_pin_is_refused(stage):
    link = stage.server().create_meeting("alice")
    refused(stage, "alice", re.sub(r"c=[^&]*", other_pin("another server"), link))


def self_signed_without_a_pin_is_refused(stage):
    link = stage.server().create_meeting("alice")
    head, fragment = link.split("#", 1)
    rest = "&".join(part for part in fragment.split("&") if not part.startswith("c="))
    refused(stage, "alice", head + "#" + rest)


def plain_http_is_for_this_machine_alone(stage):
    server = stage.server()
    link = server.create_meeting("alice")
    port = server.ready["http"].rsplit(":", 1)[1]
    path = "/m/" + link.split("/m/", 1)[1]
    stage.client("alice", "http://localhost:" + port + path).enter()
    done = stage.run("client/incamera", "join", "http://192.0.2.1:" + port + path, "--json", check=False)
    assert done.returncode == 2 and "localhost" in done.stderr, "status %d: %s" % (
        done.returncode, done.stderr)


def meetings_are_made_with_the_token_alone(stage):
    server = stage.server()
    for token, status in ((server.ready["token"], 0), ("ict_wrong", 1)):
        done = stage.run("client/incamera", "meeting", "create", "--server", server.url, "--token", token,
                         "--identity", stage.folder + "/identity", "--json", check=False)
        assert done.returncode == status, "status %d: %s" % (done.returncode, done.stderr)
    done = stage.run("client/incamera", "meeting", "list", "--json", "--server",
                     server.ready["https"] + "/#" + other_pin("x"), "--token", server.ready["token"],
                     check=False)
    assert done.returncode == 1 and server.ready["token"] not in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        the_pinned_server_is_trusted, a_wrong_pin_is_refused, self_signed_without_a_pin_is_refused,
        plain_http_is_for_this_machine_alone, meetings_are_made_with_the_token_alone))
