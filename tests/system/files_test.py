"""Files between native clients: whole, paused, resumed, damaged, limited, and gone with the meeting."""
import contextlib
import hashlib
import os
import random
import resource
import signal
import sqlite3
import sys
import time

from harness import LONG_S, Cases, wait_until

PIECE = 262144
CHUNK = PIECE - 16
BIG = 300_000_000  # so long on its way that it is still going when we have seen that it goes


def make(stage, name, size, seed=1):
    path = os.path.join(stage.folder, name)
    rest = random.Random(seed)
    with open(path, "wb") as f:
        while size:
            n = min(size, 1 << 20)
            f.write(rest.randbytes(n))
            size -= n
    return path


def digest(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            h.update(block)
    return h.hexdigest()


def folder(stage, name):
    path = os.path.join(stage.folder, name)
    os.makedirs(path, exist_ok=True)
    return path


def two(stage, *options):
    server = stage.server(*options)
    link = server.create_meeting("ana")
    ana = stage.client("ana", link)
    ana.enter()
    ben = stage.client("ben", link)
    ana.admit("ben")
    ben.enter()
    return server, ana, ben


def stored(server):
    """Every file below the server's folder for ciphertext."""
    found = []
    for where, _, names in os.walk(os.path.join(server.dir, "data", "files")):
        found += [os.path.join(where, name) for name in names]
    return found


def settled(server):
    """Bytes there, once no more come: what was on its way when it was paused may still arrive."""
    sizes = []

    def rests():
        time.sleep(0.5)
        sizes.append(sum(os.path.getsize(p) for p in stored(server)))
        return len(sizes) >= 4 and len(set(sizes[-4:])) == 1
    wait_until(rests, "no more of it arrives")
    return sizes[-1]


def leftovers(path):
    return [name for name in os.listdir(path) if name.endswith(".part")]


def send(client, path):
    since = client.mark()
    client.send("file_send", path=path)
    return client.expect("file_sent", since=since, limit_s=LONG_S)["file"]


def get(client, file, path, limit_s=LONG_S):
    since = client.mark()
    client.expect("file", file=file)
    client.send("file_get", file=file, path=path)
    return client.expect("file_got", since=since, limit_s=limit_s)["path"]


def every_size_comes_as_it_was(stage):
    server, ana, ben = two(stage)
    here = folder(stage, "ben")
    for n, size in enumerate((0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 77)):
        path = make(stage, "of %d.bin" % size, size, n)
        got = get(ben, send(ana, path), here)
        assert os.path.basename(got) == os.path.basename(path) and digest(got) == digest(path), got
    # The same name again stands beside the first.
    path = make(stage, "plan.txt", 10)
    first = send(ben, path)
    names = [os.path.basename(get(ana, first, folder(stage, "ana"))) for _ in range(2)]
    assert names == ["plan.txt", "plan (2).txt"], names
    assert not leftovers(here), os.listdir(here)
    # Nothing of it lies at the server in the clear, and a key is in no line of the client's.
    with open(make(stage, "words.txt", 0), "wb") as f:
        f.write(b"the quick brown fox " * 20)
    send(ana, os.path.join(stage.folder, "words.txt"))
    for path in stored(server):
        with open(path, "rb") as f:
            assert b"brown fox" not in f.read(), path
    assert not ana.select("said") and not ben.select("said"), "a body with a key was printed"


def three_hundred_megabytes(stage):
    server, ana, ben = two(stage)
    path = make(stage, "film.webm", 300_000_000)
    begun = time.monotonic()
    file = send(ana, path)
    sent = time.monotonic()
    got = get(ben, file, folder(stage, "ben"))
    done = time.monotonic()
    assert digest(got) == digest(path)
    progress = ben.select("file_progress", file=file)
    assert len(progress) >= 3 and progress[-1]["done"] == 300_000_000, progress[-3:]
    print("    300 MB: sent in %.1f s, got in %.1f s" % (sent - begun, done - sent))


def paused_and_resumed(stage):
    server, ana, ben = two(stage)
    path = make(stage, "big.bin", BIG)
    since = ana.mark()
    ana.send("file_send", path=path)
    file = ana.expect("file_progress", since=since)["file"]
    ana.send("file_pause", file=file)
    ana.expect("file_paused", since=since, why="asked", sending=True)
    size = settled(server)
    assert 0 < size < BIG, size
    assert not ben.select("file"), "a file is announced before it is whole"
    ana.send("file_resume", file=file)
    ana.expect("file_sent", since=since, limit_s=LONG_S)
    ben.expect("file", file=file)
    since = ben.mark()
    here = folder(stage, "ben")
    ben.send("file_get", file=file, path=here)
    ben.expect("file_progress", since=since)
    ben.send("file_pause", file=file)
    ben.expect("file_paused", since=since, why="asked", sending=False)
    assert not os.path.exists(os.path.join(here, "big.bin")), "it has its name before it is whole"
    ben.send("file_resume", file=file)
    got = ben.expect("file_got", since=since, limit_s=LONG_S)["path"]
    assert digest(got) == digest(path)


def the_server_is_killed_in_the_midst(stage):
    server, ana, ben = two(stage)
    path = make(stage, "big.bin", BIG)
    since = ana.mark()
    ana.send("file_send", path=path)
    ana.expect("file_progress", since=since)
    server.kill_and_restart(after_s=1)
    ana.expect("file_paused", since=since, why="connection")
    ana.expect("file_sent", since=since, limit_s=LONG_S)
    file = ben.expect("file")["file"]
    since = ben.mark()
    ben.send("file_get", file=file, path=folder(stage, "ben"))
    ben.expect("file_progress", since=since)
    server.kill_and_restart(after_s=1)
    got = ben.expect("file_got", since=since, limit_s=LONG_S)["path"]
    assert digest(got) == digest(path)


def damage(server, change):
    paths = stored(server)
    assert len(paths) == 1, paths
    with open(paths[0], "r+b") as f:
        change(f)


def failing(ben, file, here, why):
    since = ben.mark()
    ben.send("file_get", file=file, path=here)
    failed = ben.expect("file_failed", since=since, limit_s=LONG_S)
    assert failed["why"] == why, failed
    assert os.listdir(here) == [], os.listdir(here)
    return failed


def what_the_server_changes_is_named(stage):
    server, ana, ben = two(stage)
    here = folder(stage, "ben")
    path = make(stage, "big.bin", 10 * CHUNK)
    file = send(ana, path)
    ben.expect("file", file=file)

    def flip(f):
        f.seek(7 * PIECE + 1234)
        byte = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([byte[0] ^ 1]))

    damage(server, flip)
    failed = failing(ben, file, here, "bad-chunk")
    assert failed["chunk"] == 7 and "part 8 of 10" in failed["text"], failed
    damage(server, flip)  # as it was

    def swap(f):
        f.seek(0)
        first, second = f.read(PIECE), f.read(PIECE)
        f.seek(0)
        f.write(second + first)

    damage(server, swap)
    assert failing(ben, file, here, "bad-chunk")["chunk"] == 0
    damage(server, swap)
    damage(server, lambda f: f.truncate(6 * PIECE))
    failed = failing(ben, file, here, "truncated")
    assert "part 7 of 10" in failed["text"], failed


def withdrawn_files_are_gone(stage):
    server, ana, ben = two(stage)
    path = make(stage, "plan.pdf", 3000)
    mine, theirs = send(ana, path), send(ben, path)
    ben.expect("file", file=mine)
    since = ben.mark()
    ben.send("file_withdraw", file=mine)  # not his
    assert "not permitted" in ben.expect("not_done", since=since)["why"]
    assert len(stored(server)) == 2
    ana.send("file_withdraw", file=theirs)  # a host may
    ben.expect("file_withdrawn", file=theirs)
    ana.send("file_withdraw", file=mine)
    ben.expect("file_withdrawn", file=mine)
    wait_until(lambda: not stored(server), "the ciphertext is deleted")
    ben.send("file_get", file=mine, path=stage.folder)
    ben.expect("not_done", since=since, command="file_get")
    ben.send("file_list")
    ben.send("file_get", file=mine, path=stage.folder)  # answered after it
    ben.expect("not_done", since=since, command="file_get", count=2)
    assert not ben.select("file_listed")


def refused_before_anything_happens(stage):
    server, ana, ben = two(stage)
    os.mkfifo(os.path.join(stage.folder, "pipe"))
    for path, words in (("/nowhere/at/all", "no such file"), (stage.folder, "regular file"),
                        (os.path.join(stage.folder, "pipe"), "regular file")):
        since = ana.mark()
        ana.send("file_send", path=path)
        assert words in ana.expect("not_done", since=since, command="file_send")["why"], path
    huge = os.path.join(stage.folder, "huge")
    with open(huge, "wb") as f:
        f.truncate((2 << 30) + 1)
    since = ana.mark()
    ana.send("file_send", path=huge)
    assert "too large" in ana.expect("not_done", since=since, command="file_send")["why"]
    ana.send("file_send")
    ana.send("file_get", file="nonsense")
    ana.send("file_pause", file="A" * 22)
    ana.expect("not_done", since=since, count=4)


def full_disks_are_said(stage):
    server, ana, ben = two(stage)
    path = make(stage, "big.bin", 8_000_000)
    file = send(ana, path)
    ben.expect("file", file=file)
    # ben's disk takes no more than a megabyte of a file
    resource.prlimit(ben.pid, resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
    here = folder(stage, "ben")
    failed = failing(ben, file, here, "full")
    assert "no room is left" in failed["text"], failed
    resource.prlimit(ben.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    get(ben, file, here)
    # and then the server's
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4 << 20, resource.RLIM_INFINITY))
    since = ana.mark()
    ana.send("file_send", path=make(stage, "more.bin", 8_000_000, 2))
    failed = ana.expect("file_failed", since=since, limit_s=LONG_S)
    assert failed["why"] == "full" and "server" in failed["text"], failed


def ciphertext_of(server):
    """A piece of the middle of all that members have said: chat, board and announcements, as the server keeps them."""
    path = os.path.join(server.dir, "data", "incamera.db")
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True)) as db:
        bodies = [row[0] for row in db.execute("SELECT body FROM log WHERE kind = 3")]
    return [body[len(body) // 2:][:48] for body in bodies]


def nothing_is_left_after_the_meeting(stage):
    server, ana, ben = two(stage)
    words = b"these words were sealed before they left "
    path = os.path.join(stage.folder, "words.txt")
    with open(path, "wb") as f:
        f.write(words * 10000)
    send(ana, path)
    ben.send("file_send", path=make(stage, "half.bin", BIG))
    ben.expect("file_progress")
    samples = []
    for stored_path in stored(server):
        with open(stored_path, "rb") as f:
            samples += [data[-64:] for data in (f.read(4096),) if len(data) == 4096]
    assert samples, "nothing was stored"
    ana.chat("a line to be forgotten")
    ben.expect_line("a line to be forgotten")
    since = ana.mark()
    ana.send("board_add", type="note", x=100, y=100, w=900, h=600, text="a note to be forgotten")
    ana.expect("sent", since=since)
    said = ciphertext_of(server)
    assert len(said) >= 3, "the lines, the file's announcement and the note were not stored"
    samples += said
    ana.send("end")
    ben.expect("ended")
    left = os.path.join(server.dir, "data", "files")
    wait_until(lambda: os.listdir(left) == [], "the folder of files is empty")
    for part in server.disk():
        names = [part] if os.path.isfile(part) else [
            os.path.join(where, n) for where, _, ns in os.walk(part) for n in ns]
        for name in names:
            with open(name, "rb") as f:
                data = f.read()
            for needle in samples + [words, b"a line to be forgotten", b"a note to be forgotten", b"words.txt"]:
                assert needle not in data, "%s has %r" % (name, needle[:20])


def what_belongs_to_no_session_is_swept(stage):
    server, ana, ben = two(stage)
    file = send(ana, make(stage, "plan.pdf", 3000))
    stray = os.path.join(server.dir, "data", "files", "0123456789abcdef0123456789abcdef")
    since = ben.mark()
    server.kill()
    os.mkdir(stray)
    with open(os.path.join(stray, "A" * 22), "wb") as f:
        f.write(b"x")
    server.start()
    assert not os.path.exists(stray), "what belongs to no session is still there"
    ben.expect("connection", since=since, up=True)
    ben.enter(since=since)
    get(ben, file, folder(stage, "ben"))


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        every_size_comes_as_it_was, three_hundred_megabytes, paused_and_resumed,
        the_server_is_killed_in_the_midst, what_the_server_changes_is_named, withdrawn_files_are_gone,
        refused_before_anything_happens, full_disks_are_said, nothing_is_left_after_the_meeting,
        what_belongs_to_no_session_is_swept))
