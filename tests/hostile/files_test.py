"""Files over HTTP as no honest client asks for them: the right refusal, and no piece that was not acknowledged."""
import base64
import json
import os
import struct
import sys
import time

from target import NAMES, check, run, wait_until
from wire import dial, read_vec

FILES_OPEN, FILES_OPENED = 60, 61
PIECE = 262144
PATH = "/api/v1/files/"


def new_id():
    return base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")


def token_of(person):
    f = person.peer.ask(FILES_OPEN)
    check(f.type == FILES_OPENED, "FILES_OPEN: %r" % f)
    path, at = read_vec(f.body, 0)
    token, at = read_vec(f.body, at)
    _, piece, _ = struct.unpack(">IIQ", f.body[at:])
    check(path == b"/api/v1/files" and piece == PIECE, "FILES_OPENED: %r" % f.body)
    return token.decode()


class Line:
    """One connection, kept open."""

    def __init__(self, target, token):
        self.s = dial(target)
        self.token = token

    def send(self, method, name, query="", body=b"", headers=(), token=None, length=None):
        token = self.token if token is None else token
        lines = ["%s %s%s HTTP/1.1" % (method, PATH + name, query), "Host: localhost"]
        lines += ["Authorization: Bearer " + token] if token else []
        if body or length or method in ("POST", "PUT"):
            lines.append("Content-Length: %d" % (len(body) if length is None else length))
        self.s.sendall(("\r\n".join(lines + list(headers)) + "\r\n\r\n").encode() + body)

    def answer(self):
        """(status, headers, body)"""
        got = b""
        while b"\r\n\r\n" not in got:
            more = self.s.recv(65536)
            if not more:
                return 0, {}, b""
            got += more
        head, _, rest = got.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        while len(rest) < int(headers.get("content-length", 0)):
            more = self.s.recv(65536)
            if not more:
                break
            rest += more
        return int(lines[0].split()[1]), headers, rest

    def ask(self, *args, **how):
        self.send(*args, **how)
        return self.answer()

    def close(self):
        self.s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def asked(target, token, *args, **how):
    with Line(target, token) as line:
        return line.ask(*args, **how)


def put(target, token, name, data):
    with Line(target, token) as line:
        status, _, body = line.ask("POST", name, "?size=%d" % len(data))
        check(status == 201, "begin: %d %s" % (status, body))
        for at in range(0, len(data), PIECE):
            status, _, body = line.ask("PUT", name, "?at=%d" % at, data[at:at + PIECE])
            check(status == 200, "piece at %d: %d %s" % (at, status, body))
            check(json.loads(body)["have"] == min(at + PIECE, len(data)), body)


def what_is_sent_is_what_comes(target):
    token = token_of(target.host)
    name, data = new_id(), os.urandom(2 * PIECE + 99)
    put(target, token, name, data)
    status, headers, body = asked(target, token, "GET", name)
    check(status == 200 and body == data, "GET: %d, %d bytes" % (status, len(body)))
    for key, value in (("content-type", "application/octet-stream"), ("x-content-type-options", "nosniff"),
                       ("cache-control", "no-store"), ("content-disposition", "attachment"),
                       ("cross-origin-resource-policy", "same-origin")):
        check(headers.get(key) == value, "%s: %s" % (key, headers.get(key)))
    check("access-control-allow-origin" not in headers, "another origin may read it")
    check(headers["content-security-policy"].startswith("default-src 'none'"), "no policy")
    for text, status, part in (("bytes=0-0", 206, data[:1]), ("bytes=100-%d" % (PIECE + 5), 206, data[100:PIECE + 6]),
                               ("bytes=%d-" % PIECE, 206, data[PIECE:]), ("bytes=5-99999999999", 206, data[5:]),
                               ("bytes=-5", 200, data), ("bytes=9-3", 200, data), ("bytes=0-1,5-6", 200, data),
                               ("lines=0-1", 200, data), ("bytes=%d-" % len(data), 416, None),
                               ("bytes=99999999999999999999-", 200, data), ("bytes=" + "9" * 60, 200, data)):
        got, headers, body = asked(target, token, "GET", name, headers=["Range: " + text])
        check(got == status and (part is None or body == part), "%s: %d, %d bytes" % (text, got, len(body)))
        if status == 206:
            check(headers["content-range"].endswith("/%d" % len(data)), headers["content-range"])
    with Line(target, token) as line:
        line.send("HEAD", name)
        head = line.s.recv(4096).decode()
        check(" 200 " in head and "content-length: %d" % len(data) in head.lower(), head)
    check(asked(target, token, "DELETE", name)[0] == 204, "DELETE")
    check(asked(target, token, "GET", name)[0] == 404, "it is still there")


def nobody_else_gets_in(target):
    token, name = token_of(target.host), new_id()
    put(target, token, name, b"ciphertext")
    for other in ("", "x", "A" * 43, token[:-1], token + "A", token.swapcase(), target.token, "\x01" * 43):
        for method in ("GET", "POST", "PUT", "DELETE"):
            got = asked(target, other, method, name, "?size=1")[0]
            check(got in (401, 400), "%s with %r: %d" % (method, other[:9], got))
    for origin in ("http://elsewhere.example", "https://localhost.example", "null"):
        got = asked(target, token, "GET", name, headers=["Origin: " + origin])[0]
        check(got == 403, "%s: %d" % (origin, got))
    for headers in (["Origin: http://elsewhere.example", "Access-Control-Request-Method: GET"], []):
        got, back, _ = asked(target, token, "OPTIONS", name, headers=headers)
        check(got >= 400 and not any(k.startswith("access-control") for k in back), "OPTIONS: %d" % got)
    # A stranger at the door has no token, and a member of another meeting has nothing here.
    other = target.person(NAMES[1])
    other.make_meeting(target)
    other.connect(target)
    other.enter()
    other.open_group()
    theirs = token_of(other)
    check(asked(target, theirs, "GET", name)[0] == 404, "a file of another meeting is shown")
    check(asked(target, theirs, "DELETE", name)[0] == 404, "a file of another meeting was deleted")
    check(asked(target, token, "GET", name)[2] == b"ciphertext", "it is gone")
    other.close()
    target.people.remove(other)


def strange_names(target):
    token = token_of(target.host)
    for name in ("", "..", "../../etc/passwd", "A" * 21, "A" * 23, "A" * 21 + "/", "A" * 21 + ".", "%2e" * 7 + "A",
                 "A" * 21 + "%00", "A" * 400, "A" * 22 + "/" + "A" * 22, "A" * 21 + "=", "A" * 21 + "+"):
        got, _, body = asked(target, token, "POST", name, "?size=10")
        check(got in (0, 400, 404, 405, 414), "%r: %d" % (name[:30], got))
        check(b"root:" not in asked(target, token, "GET", name)[2], "a file was read by " + name)
    for query in ("", "?", "?size=", "?size=0", "?size=-1", "?size=1e9", "?size=0x10", "?size=1&size=2", "?Size=1",
                  "?size=99999999999999999999", "?size=+1", "?at=0"):
        got = asked(target, token, "POST", new_id(), query)[0]
        check(got in (0, 400, 413), "%r: %d" % (query, got))
    root = target.path("data/files")
    check(all(len(n) == 32 for n in os.listdir(root)), os.listdir(root))


def strange_pieces(target):
    token, name = token_of(target.host), new_id()
    with Line(target, token) as line:
        check(line.ask("POST", name, "?size=%d" % (PIECE + 5))[0] == 201, "begin")
        for at, length, wanted in ((0, 5, 400), (0, 0, 400), (1, PIECE, 409), (PIECE, 5, 409), (-1, 5, 400),
                                   (1 << 60, 5, 400)):
            got = line.ask("PUT", name, "?at=%d" % at, b"x" * length)[0]
            check(got == wanted, "at %d, %d bytes: %d" % (at, length, got))
    check(asked(target, token, "PUT", name, "?at=0", b"x" * (PIECE + 1))[0] == 413, "a piece that is too long")
    check(asked(target, token, "PUT", name, "?at=0", length=1 << 40)[0] == 413, "a length that is too long")
    got = asked(target, token, "PUT", name, "?at=0", headers=["Transfer-Encoding: chunked"])[0]
    check(got in (400, 501), "chunked: %d" % got)
    check(asked(target, token, "GET", name)[0] == 404, "a part of it is shown")
    put_all = os.urandom(PIECE + 5)
    with Line(target, token) as line:
        line.ask("PUT", name, "?at=0", put_all[:PIECE])
        check(line.ask("PUT", name, "?at=%d" % PIECE, put_all[PIECE:])[0] == 200, "the rest")
        check(line.ask("PUT", name, "?at=0", put_all[:PIECE])[0] == 409, "it can be written over")
    check(asked(target, token, "GET", name)[2] == put_all, "it is another one")


def lines_that_end_in_the_midst(target):
    """Whatever of a piece arrived: it is all there or not at all, and the next one goes on from there."""
    token, name = token_of(target.host), new_id()
    data = os.urandom(3 * PIECE)
    check(asked(target, token, "POST", name, "?size=%d" % len(data))[0] == 201, "begin")
    at = 0
    for cut in (0, 1, 1000, PIECE // 2, PIECE - 1, PIECE):
        line = Line(target, token)
        line.send("PUT", name, "?at=%d" % at, data[at:at + cut], length=PIECE)
        line.close()
        time.sleep(0.1)
        status, _, body = asked(target, token, "POST", name, "?size=%d" % len(data))
        have = json.loads(body)["have"]
        check(status == 200 and have in ((at,) if cut < PIECE else (at, at + PIECE)), "%d of it: %s" % (cut, body))
        at = have
    late = 0
    while at < len(data):
        status, _, body = asked(target, token, "PUT", name, "?at=%d" % at, data[at:at + PIECE])
        late += status == 409  # the one that was cut off at its very end was only stored after all
        have = json.loads(body)["have"]
        check(status in (200, 409) and late < 2 and have == at + PIECE, "go on: %d %s" % (status, body))
        at = have
    check(asked(target, token, "GET", name)[2] == data, "it is another one")
    for _ in range(20):  # who reads a little and goes
        line = Line(target, token)
        line.send("GET", name)
        line.s.recv(1000)
        line.close()


def withdrawn_while_it_moves(target):
    token = token_of(target.host)
    for _ in range(10):
        name = new_id()
        check(asked(target, token, "POST", name, "?size=%d" % (2 * PIECE))[0] == 201, "begin")
        with Line(target, token) as line:
            line.send("PUT", name, "?at=0", b"x" * PIECE)
            check(asked(target, token, "DELETE", name)[0] in (204, 404), "DELETE")
            check(line.answer()[0] in (200, 404, 500), "PUT")
        check(asked(target, token, "GET", name)[0] == 404, "it is still there")
    name = new_id()
    put(target, token, name, os.urandom(80 * PIECE))
    with Line(target, token) as line:  # somebody reads slowly while it is taken back
        line.send("GET", name)
        line.s.recv(100)
        check(asked(target, token, "DELETE", name)[0] == 204, "DELETE")
        got = 100
        while True:
            more = line.s.recv(1 << 20)
            if not more:
                break
            got += len(more)
        check(got < 80 * PIECE, "all of it came, %d bytes" % got)


def two_write_one_file(target):
    token, name = token_of(target.host), new_id()
    check(asked(target, token, "POST", name, "?size=%d" % (8 * PIECE))[0] == 201, "begin")
    lines = [Line(target, token) for _ in range(6)]
    for at in range(0, 8 * PIECE, PIECE):
        for n, line in enumerate(lines):
            line.send("PUT", name, "?at=%d" % at, bytes([n]) * PIECE)
        got = [line.answer()[0] for line in lines]
        check(got.count(200) == 1 and set(got) <= {200, 409}, got)
    for line in lines:
        line.close()
    body = asked(target, token, "GET", name)[2]
    check(len(body) == 8 * PIECE, "%d bytes" % len(body))
    for at in range(0, len(body), PIECE):
        check(len(set(body[at:at + PIECE])) == 1, "two pieces are mixed")


def many_files(target):
    token, made = token_of(target.host), []
    with Line(target, token) as line:
        for _ in range(200):
            name = new_id()
            status = line.ask("POST", name, "?size=%d" % (40 << 20))[0]
            check(status in (201, 429), "begin: %d" % status)
            if status == 429:
                break
            made.append(name)
        check(0 < len(made) < 40, "%d files of 40 MiB each in a meeting that may have 100 MiB" % len(made))
        check(line.ask("POST", new_id(), "?size=%d" % (60 << 20))[0] == 413, "a file that is too long")
        for name in made:
            check(line.ask("DELETE", name)[0] == 204, "DELETE")


def nothing_stays(target):
    person = target.person(NAMES[1])
    person.make_meeting(target)
    person.connect(target)
    person.enter()
    person.open_group()
    token, name = token_of(person), new_id()
    before = set(os.listdir(target.path("data/files")))
    put(target, token, name, b"ciphertext of one meeting")
    fresh = set(os.listdir(target.path("data/files"))) - before
    check(len(fresh) == 1, fresh)
    person.peer.ask(36)  # END
    wait_until(lambda: not fresh & set(os.listdir(target.path("data/files"))), "its folder is deleted")
    check(asked(target, token, "GET", name)[0] == 401, "its token holds on")
    person.close()
    target.people.remove(person)


if __name__ == "__main__":
    sys.exit(run(sys.argv, what_is_sent_is_what_comes, nobody_else_gets_in, strange_names, strange_pieces,
                 lines_that_end_in_the_midst, withdrawn_while_it_moves, two_write_one_file, many_files, nothing_stays,
                 settings={"limits": {"file_mib": "50", "files_mib_per_meeting": "100",
                                      "file_requests_per_s": "100000"}}))
