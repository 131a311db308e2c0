"""The client before a server that speaks no HTTP, no WebSocket, no protocol: it says so and tries again, or
ends; it never crashes."""
import base64
import hashlib
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

from target import FACTOR, LIMIT_S, Failure, Target, check, die_with_parent, wait_until
from wire import BINARY, CLOSE, PING, TEXT, frame, vec

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Rogue(threading.Thread):
    """Answers each connection by `speak(socket, head)`."""

    def __init__(self, speak):
        super().__init__(daemon=True)
        self.speak, self.served, self.over = speak, 0, False
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while not self.over:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            s.settimeout(10 * FACTOR)
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    more = s.recv(4096)
                    if not more:
                        break
                    head += more
                self.speak(s, head)
            except OSError:
                pass
            self.served += 1
            s.close()

    def end(self):
        self.over = True
        self.listener.close()


def accept(s, head):
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head).group(1)
    answer = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
    s.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              b"Sec-WebSocket-Accept: " + answer + b"\r\nSec-WebSocket-Protocol: incamera.v1\r\n\r\n")


def ws(opcode, payload, fin=True, length=None, rsv=0):
    n = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    return head + (bytes([n]) if n < 126 else b"\x7e" + struct.pack(">H", n) if n < 65536
                   else b"\x7f" + struct.pack(">Q", n)) + payload


def after_upgrade(*pieces, linger_s=0.1):
    def speak(s, head):
        accept(s, head)
        for piece in pieces:
            s.sendall(piece)
        time.sleep(linger_s)
    return speak


def plain(*pieces):
    def speak(s, head):
        for piece in pieces:
            s.sendall(piece)
    return speak


HELLO_OK = frame(2, 1, struct.pack(">H", 0) + vec("rogue") + struct.pack(">Q", 0) + vec(bytes(32)) +
                 struct.pack(">II", 1 << 22, 20000))


class Stage:
    def __init__(self, build, folder):
        self.target = Target(build, folder)
        self.program = os.path.join(build, "client", "incamera")
        self.environment = dict(self.target.environment(), HOME=folder)

    def open(self):
        self.target.start()
        done = self.run("meeting", "create", "--server", "http://localhost:%d" % self.target.http, "--token",
                        self.target.token, "--identity", self.target.path("identity"), "--title", "x", "--json")
        self.link = json.loads(done.stdout)["url"]

    def run(self, *arguments, limit_s=LIMIT_S):
        return subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True, timeout=limit_s, env=self.environment,
                              preexec_fn=die_with_parent)

    def join(self, speak, what, connections=2):
        """The client meets the rogue `connections` times, then leaves in order."""
        rogue = Rogue(speak)
        link = re.sub(r"localhost:\d+", "localhost:%d" % rogue.port, self.link)
        process = subprocess.Popen(
            [self.program, "join", link, "--json", "--name", "Ada", "--identity", self.target.path("identity"),
             "--no-play"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment,
            preexec_fn=die_with_parent)
        try:
            wait_until(lambda: rogue.served >= connections or process.poll() is not None, what)
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            output, errors = process.communicate(timeout=LIMIT_S)
        finally:
            rogue.end()
            process.kill()
        check(b"Sanitizer" not in errors and b"runtime error" not in errors, "%s: %s" % (what, errors[-3000:]))
        check(process.returncode >= 0 or process.returncode == -signal.SIGTERM, "%s ended it by signal %d" % (
            what, -process.returncode))
        check(b'"e2ee"' not in output, "%s: it says that it is encrypted" % what)


def no_http(stage):
    rng = random.Random(2)
    for what, data in (("nothing", b""), ("garbage", rng.randbytes(5000)), ("an endless line", b"HTTP/1.1 " + b"a" * 200000),
                       ("endless headers", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000),
                       ("an error", b"HTTP/1.1 500 x\r\nContent-Length: 99999999999\r\n\r\nx"),
                       ("a wrong key", b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Protocol: incamera.v1\r\n\r\n")):
        stage.join(plain(data), what, 1)


def redirects(stage):
    """The server is the one that was named: nobody else gets the token, or the client."""
    for status in (301, 302, 303, 307, 308):
        other = Rogue(plain(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"meetings\":[]}"))
        answer = plain(b"HTTP/1.1 %d x\r\nLocation: http://localhost:%d/api/v1/meetings\r\nContent-Length: 0\r\n\r\n" % (
            status, other.port))
        stage.join(answer, "a redirect %d" % status, 1)
        rogue = Rogue(answer)
        done = stage.run("meeting", "list", "--server", "http://localhost:%d" % rogue.port, "--token", "ict_x")
        check(done.returncode == 1 and "Sanitizer" not in done.stderr, "a redirect of the API: %s" % done.stderr[-2000:])
        rogue.end()
        other.end()
        check(other.served == 0, "a redirect %d was followed" % status)


def no_websocket(stage):
    for what, data in (("a text frame", ws(TEXT, b"hello")), ("reserved bits", ws(BINARY, HELLO_OK, rsv=7)),
                       ("opcode 3", ws(3, HELLO_OK)), ("2^63 bytes", ws(BINARY, b"x", length=(1 << 63) - 1)),
                       ("1 GB promised", ws(BINARY, b"x" * 100000, length=1 << 30)), ("a long ping", ws(PING, b"x" * 200)),
                       ("a close of one byte", ws(CLOSE, b"x")), ("empty pieces", ws(BINARY, b"", fin=False) + b"\0\0" * 5000)):
        stage.join(after_upgrade(data), what, 1)


def more_than_a_frame_may_have(stage):
    piece = ws(BINARY, b"x" * 60000, fin=False) + ws(0, b"x" * 60000, fin=False) * 160
    stage.join(after_upgrade(piece), "10 MB in pieces", 1)


def no_protocol(stage):
    rng = random.Random(6)
    for kind in (2, 4, 5, 6, 7, 11, 24, 25, 27, 29, 32, 33, 34, 37, 51, 54, 55, 1, 99):
        for body in (b"", b"\xff" * 40, rng.randbytes(300)):
            stage.rogue_frames.append(ws(BINARY, frame(kind, rng.choice((0, 1, 2)), body)))
    for at in range(0, len(stage.rogue_frames), 6):
        stage.join(after_upgrade(ws(BINARY, HELLO_OK), *stage.rogue_frames[at:at + 6], linger_s=0.05), "frames %d" % at, 1)


def api_answers(stage):
    for what, body in (("no JSON", b"{"), ("deep JSON", b"[" * 100000), ("another type", b"[]"), ("wrong fields",
                        b'{"meetings":[1,{"id":5},{"id":"x","title":{}},null]}'), ("invalid UTF-8", b'{"meetings":"\xff"}'),
                       ("escapes", b'{"meetings":[{"id":"\\u001b[2J","title":"\\u001b]0;x\\u0007","number":"1","state":"open",'
                        b'"kind":"instant","path":"/m/x","suite":2,"start_s":0,"end_s":0,"created_ms":1}]}')):
        rogue = Rogue(plain(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
            len(body), body)))
        done = stage.run("meeting", "list", "--server", "http://localhost:%d" % rogue.port, "--token", "ict_x")
        rogue.end()
        check(done.returncode in (0, 1), "%s: exit status %d: %s" % (what, done.returncode, done.stderr[-2000:]))
        check("Sanitizer" not in done.stderr, done.stderr[-3000:])
        check("\x1b" not in done.stdout, "%s: the server writes to the terminal" % what)


def main(argv):
    stage = Stage(argv[1], argv[2])
    stage.rogue_frames = []
    passed = failed = 0
    try:
        stage.open()
        for test in (no_http, redirects, no_websocket, more_than_a_frame_may_have, no_protocol, api_answers):
            if argv[3:] and test.__name__ not in argv[3:]:
                continue
            began = time.monotonic()
            try:
                test(stage)
                passed += 1
                print("ok   %s, %.1f s" % (test.__name__, time.monotonic() - began), flush=True)
            except (Failure, OSError, ValueError, subprocess.SubprocessError) as failure:
                failed += 1
                print("FAIL %s: %s: %s" % (test.__name__, type(failure).__name__, failure), flush=True)
                traceback.print_exc(file=sys.stdout)
    finally:
        stage.target.kill()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
