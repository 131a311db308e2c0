"""The room as a person sees it: a host at a real terminal, with guests who are ordinary and guests who are not."""
import os
import sys
import termios

from harness import Cases, wait_until
from identity_test import make_certificates, options, revoke
from pseudoterminal import Person

SHIELD, DOT = "\u25a3", "\u2022"


def host(stage, **size):
    link = stage.server().create_meeting("Alice")
    alice = Person(stage, "Alice", link, **size)
    alice.sees("End-to-end encrypted", "Security code", "Alice")
    return link, alice


def let_in(stage, link, alice, name):
    guest = stage.client(name, link)
    alice.sees(name + " waits", "a admit   r refuse")
    alice.press("a")
    guest.enter()
    alice.sees(name + " entered", gone=[name + " waits (",])
    return guest


def a_host_sees_the_room_and_works_it(stage):
    link, alice = host(stage)
    text = alice.sees("Alice", "host, you")
    assert text.split("\n")[0].startswith(SHIELD), "the shield is not in its place: " + text
    assert alice.title() == "In Camera: End-to-end encrypted", alice.title()
    bob = stage.client("Bob", link)
    short = bob.expect("waiting")["short_code"]
    alice.sees("Bob waits", "short code " + short, "not verified")
    alice.press("a")
    bob.enter()
    alice.sees("2 devices", bob.last("code")["code"])
    carol = stage.client("Carol", link)
    alice.sees("Carol waits")
    alice.press("r")
    assert carol.expect("refused")["why"]
    assert carol.finish() == 1
    alice.sees(gone=["a admit"])
    alice.press("chello Bob\r")
    bob.expect_line("hello Bob")
    alice.sees("You: hello Bob")
    bob.chat("hello Alice")
    alice.sees("Bob: hello Alice")
    alice.press("c0123456789q\x1b")
    alice.sees("c chat  h raise hand  ? help", gone=["0123456789"])
    alice.press("?")
    alice.sees("o compare the code")
    assert alice.leave() == 0
    bob.expect("left", person="Alice")
    assert b"until the keys are right" not in alice.written, "going looks like trouble"
    alice.check_clean()


def who_vouches_for_whom_is_shown(stage):
    folder = make_certificates(stage)
    crl = os.path.join(folder, "revoked.crl")
    revoke(folder, None, crl)
    link = stage.server().create_meeting("ana")
    ana = Person(stage, "ana", link, *options(folder, "ana"), "--crl", crl, columns=110)
    for who, name, words in (("ben", "Ben House", "verified by House, your organisation"),
                             ("soon", "Soon Over", "verified by Ring CA, external"),
                             ("eve", "Ana Ring", "not verified: the certificate is forged")):
        guest = stage.client(who, link, *options(folder, who))
        ana.sees(name + " waits (" + words)
        ana.press("a")
        guest.enter()
        ana.sees("%s entered (%s)." % (name, words))
    ana.sees("Compare the code with Ana Ring")
    ana.press("ii")
    ana.sees("Ben House: verified by House", "CN=Ben House, O=House", "ben@house.example (email)",
             "825 days left", "Key          ECDSA P-256", "i the next (2 of 4)")
    ana.press("ii")
    ana.sees("Why not      certificate", "its signature is not its issuer's")
    ana.press("\x1b")
    ana.sees("q leave", gone=["Why not"])
    revoke(folder, "soon", crl)
    ana.sees("Soon Over is now not verified: the certificate was revoked.", "with Soon Over and 1 other")
    assert ana.leave() == 0
    ana.check_clean()


def a_host_sees_hands_and_raises_one(stage):
    link, alice = host(stage)
    bob = let_in(stage, link, alice, "Bob")
    alice.press("h")
    alice.sees("hand up", "Your hand is up.", "h lower hand")
    bob.expect("hands", where=lambda e: [p["name"] for p in e["people"]] == ["Alice"])
    bob.send("hand", up=True)
    alice.sees("Hands up: Alice, Bob.")
    alice.press("h")
    alice.sees("Hands up: Bob.", "h raise hand")
    alice.press("s")
    alice.sees("Suite MLS_")
    alice.press("c/mute-all\r")
    assert bob.expect("mute_asked", person="Alice")["you"]
    alice.sees("You asked everybody to mute.")
    bob.send("chat", text="@Alice, sorry", mentions=[0])
    alice.sees("* Bob: @Alice, sorry")
    assert alice.leave() == 0
    alice.check_clean()


def comparing_takes_the_dot_away(stage):
    link, alice = host(stage)
    bob = let_in(stage, link, alice, "Bob")
    first = alice.sees("Compare the code with Bob").split("\n")[0]
    assert SHIELD + DOT in first, "no dot: " + first
    assert "Compare the code with Bob" in alice.title()
    alice.press("o")
    alice.sees("Read out: " + bob.last("code")["code"], "y the same")
    alice.press("y")
    first = alice.sees("Security code", gone=["Compare the code with"]).split("\n")[0]
    assert SHIELD in first and DOT not in first, "the dot is still there: " + first
    carol = let_in(stage, link, alice, "Carol")
    alice.sees("Compare the code with")
    alice.press("o")
    alice.sees("Read out")
    carol.send("leave")
    alice.sees("no longer the newest")
    alice.press("y")
    alice.sees("please compare the new code")


def a_locked_room_says_so(stage):
    link, alice = host(stage)
    bob = let_in(stage, link, alice, "Bob")
    alice.press("k")
    bob.expect("terms")
    alice.sees("the room is locked")
    carol = stage.client("Carol", link)
    carol.expect("refused")
    mark = bob.mark()
    alice.press("k")
    bob.expect("terms", since=mark)
    alice.sees(gone=["the room is locked"])


def nothing_from_others_moves_the_cursor(stage):
    """Escape sequences in a chat line, and in a name where the client of a villain sends one."""
    link, alice = host(stage)
    bob = let_in(stage, link, alice, "Bob")
    evil = ["\x1b[2J\x1b[31mfake", "\x1b]0;all is well\x07", "\u009b2J", "one\rtwo\x08\x7f", "\u202eturned\u2069",
            "two\nlines"]
    shown = []
    for number, text in enumerate(evil):
        mark = bob.mark()
        bob.chat("%d%s" % (number, text))
        wait_until(lambda: bob.select("not_done", since=mark) or bob.select("sent", since=mark, kind=2), "an answer")
        if bob.select("sent", since=mark, kind=2):
            shown.append(number)
            alice.sees("Bob: %d" % number)
    assert shown, "every line was refused by the sender"
    bob.chat("the end")
    alice.sees("Bob: the end")
    alice.check_clean()
    with alice.lock:
        written = alice.written.decode("utf-8", "replace")
    for bad in ("\x1b[2J", "all is well\x07", "\u009b", "\u202e", "\u2069", "\x08"):
        assert bad not in written, "%r reached the terminal" % bad
    assert alice.title().startswith("In Camera: "), alice.title()


def a_name_with_control_characters_is_no_name(stage):
    link, _ = host(stage)
    for name in ("Mal\x1b[2Jlory", "Mal\nlory", "", "x" * 300):
        done = stage.run("client/incamera", "join", link, "--name", name, check=False)
        assert done.returncode == 2 and "name" in done.stderr, "%r: status %d: %s" % (
            name, done.returncode, done.stderr)


def the_window_may_have_any_size(stage):
    link, alice = host(stage)
    let_in(stage, link, alice, "Bob")
    for rows, columns in ((10, 30), (50, 200), (3, 10), (2, 80), (1, 1), (24, 80)):
        alice.resize(rows, columns)
        alice.press("?")
        if rows > 1:
            alice.sees((SHIELD + DOT + " End-to-end")[:min(columns, 8)])
        alice.check_clean()
    alice.press("?")
    alice.resize(30, 100)
    alice.sees("Security code", "Bob", "q leave")
    assert alice.leave() == 0
    alice.check_clean()


def the_terminal_is_given_back(stage):
    _, alice = host(stage)
    raw = termios.tcgetattr(alice.master)
    assert not raw[3] & termios.ECHO, "keys are echoed into the screen"
    alice.press("\x1b[A\x1bOq\x1b[15~")
    alice.sees("q leave")
    assert alice.leave() == 0
    after = termios.tcgetattr(alice.master)
    assert after[3] & termios.ECHO and after[3] & termios.ICANON, "the terminal stays raw"
    _, second = host_again(stage)
    os.kill(second.pid, 15)
    assert second.finish() == 0
    assert termios.tcgetattr(second.master)[3] & termios.ICANON, "the terminal stays raw after SIGTERM"


def host_again(stage):
    link = stage.server(name="second").create_meeting("Alice")
    alice = Person(stage, "Alice", link)
    alice.sees("Security code")
    return link, alice


def who_comes_by_number_is_told(stage):
    server = stage.server()
    made = server.create("alice")
    alice = stage.client("alice", made["url"])
    alice.enter()
    bob = Person(stage, "Bob", server.ready["https"] + "/m/" + made["number"] + "#c=" + server.ready["pin"])
    bob.sees("Your short code, to read out to the host", "Joined by number: not bound to a link")
    alice.admit("Bob")
    bob.sees("Joined by number: not bound to a link", "Security code", "Compare the code with alice")


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        a_host_sees_the_room_and_works_it, a_host_sees_hands_and_raises_one, who_vouches_for_whom_is_shown, comparing_takes_the_dot_away, a_locked_room_says_so,
        nothing_from_others_moves_the_cursor, a_name_with_control_characters_is_no_name,
        the_window_may_have_any_size, the_terminal_is_given_back, who_comes_by_number_is_told))
