"""`incamera meeting create | list | show` against a real server: what it says, and its exit status."""
import json
import re
import sys
import time

from harness import Cases, free_port

DAY = 86400


def ask(stage, server, *arguments, token=None, url=None):
    """(status, output, what it complained of)"""
    identity = ["--identity", stage.folder + "/identity"] if arguments[0] == "create" else []
    done = stage.run("client/incamera", "meeting", *arguments, "--server", url or server.url, "--token",
                     token or server.ready["token"], *identity, check=False)
    return done.returncode, done.stdout, done.stderr


def made(stage, server, *options):
    status, out, err = ask(stage, server, "create", "--json", *options)
    assert status == 0, "status %d: %s" % (status, err)
    return json.loads(out)


def wrong(stage, server, status, words, *arguments, **other):
    got, out, err = ask(stage, server, *arguments, **other)
    assert got == status and not out, "%s: status %d, said %r %r" % (arguments, got, out, err)
    assert err.startswith("incamera: ") and err.count("\n") == 1 and words in err, "%s: %r" % (arguments, err)
    assert server.ready["token"] not in err, "the token is in an error text"


def an_instant_meeting(stage):
    server = stage.server()
    status, out, err = ask(stage, server, "create", "--title", "Board")
    assert status == 0, "status %d: %s" % (status, err)
    link, number = out.split("\n")[0], re.search(r"Number (\d{10})\.", out).group(1)
    assert link.startswith(server.ready["https"] + "/m/") and "c=" in link, out
    status, out, _ = ask(stage, server, "list")
    head, row = out.rstrip("\n").split("\n")
    assert status == 0 and head.startswith("ID ") and number in row and row.endswith("Board"), out
    assert "instant" in row and row.split()[0] in link, out
    status, out, _ = ask(stage, server, "show", row.split()[0])
    assert status == 0 and re.search(r"^number +%s$" % number, out, re.M), out
    stage.client("anybody", link).expect("state", state=("in_lobby", "waiting_host"))


def a_scheduled_meeting(stage):
    server = stage.server()
    start = int(time.time()) // 60 * 60 + DAY
    text = time.strftime("%Y-%m-%dT%H:%M", time.localtime(start))
    utc = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + 3600))
    status, out, _ = ask(stage, server, "create", "--kind", "scheduled", "--start", text, "--end", utc)
    local = time.strftime("%Y-%m-%d %H:%M", time.localtime(start))
    assert status == 0 and re.search(r"^Starts +" + local, out, re.M) and "\nEnds " in out, out
    status, out, _ = ask(stage, server, "list", "--json")
    meeting = json.loads(out)["meetings"][0]
    assert (meeting["kind"], meeting["start"], meeting["end"]) == ("scheduled", start, start + 3600), meeting
    status, out, _ = ask(stage, server, "show", meeting["id"])
    assert status == 0 and re.search(r"^start +" + local, out, re.M), out


def a_personal_room_keeps_its_link(stage):
    server = stage.server()
    room = made(stage, server, "--kind", "personal", "--title", "Ana's room")
    assert room["kind"] == "personal" and "start" not in room, room
    for name in ("first", "second"):
        host = stage.client(name, room["url"], "--identity", stage.folder + "/identity")
        host.enter()
        host.send("leave")
        assert host.finish() == 0
    status, out, _ = ask(stage, server, "show", room["id"], "--json")
    assert status == 0 and json.loads(out)["number"] == room["number"], out


def an_empty_list_is_said(stage):
    status, out, _ = ask(stage, stage.server(), "list")
    assert status == 0 and out == "There are no meetings.\n", out


def what_does_not_fit_is_said(stage):
    server = stage.server()
    for words, arguments in (
            ("needs --start and --end", ("create", "--kind", "scheduled")),
            ("needs --start and --end", ("create", "--kind", "scheduled", "--start", "2040-01-01T10:00Z")),
            ("ends before it starts", ("create", "--kind", "scheduled", "--start", "2040-01-01T10:00Z",
                                       "--end", "2040-01-01T10:00+01:00")),
            ("is past", ("create", "--kind", "scheduled", "--start", "2020-01-01T10:00Z", "--end",
                         "2020-01-01T11:00Z")),
            ("--kind scheduled", ("create", "--start", "2040-01-01T10:00Z")),
            ("wants a time like", ("create", "--kind", "scheduled", "--start", "2040-02-30T10:00Z")),
            ("--kind is", ("create", "--kind", "daily")),
            ("--admission is", ("create", "--admission", "nobody")),
            ("--suite wants", ("create", "--suite", "9")),
            ("an ID has", ("show", "../../x")), ("an ID has", ("show", "x\r\nHost: y")),
            ("no option --titel", ("create", "--titel", "x"))):
        wrong(stage, server, 2, words, *arguments)
    status, out, _ = ask(stage, server, "list")
    assert "no meetings" in out, "something was made: " + out
    wrong(stage, server, 1, "has no meeting AAAAAAAAAAAAAAAAAAAAAA", "show", "A" * 22)
    wrong(stage, server, 1, "has no meeting -" + "A" * 21, "show", "-" + "A" * 21)
    wrong(stage, server, 1, "has no meeting --json" + "A" * 16, "show", "--json" + "A" * 16)


def who_is_not_trusted_gets_no_token(stage):
    server = stage.server()
    other = server.url[:-3] + ("AAA" if not server.url.endswith("AAA") else "BBB")
    for arguments in (("list",), ("create",), ("show", "A" * 22)):
        wrong(stage, server, 1, "does not know this access token", *arguments, token="ict_wrong")
        wrong(stage, server, 1, "is not the one that the link names", *arguments, url=other)
        wrong(stage, server, 1, "cannot be reached", *arguments, url="http://localhost:%d" % free_port())
        wrong(stage, server, 2, "localhost alone", *arguments, url="http://192.0.2.1")
        wrong(stage, server, 2, "no address of a server", *arguments, url="wss://localhost")


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        an_instant_meeting, a_scheduled_meeting, a_personal_room_keeps_its_link, an_empty_list_is_said,
        what_does_not_fit_is_said, who_is_not_trusted_gets_no_token))
