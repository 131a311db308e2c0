"""An incamerad for tests of its doors, and the smallest HTTP and WebSocket client that can misbehave."""
import base64
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from harness import free_port  # noqa: E402

LIMIT_S = 60 * float(os.environ.get("IC_TIME_FACTOR", "1"))


class Server:
    """`incamerad --embedded`, or with a configuration of its own below the folder."""

    def __init__(self, program, folder, changes=None):
        self.program, self.folder = program, folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.process = None
        self.http, self.https = free_port(), free_port()
        self.embedded()
        if changes is not None:
            self.stop()
            self.configured(changes)

    def embedded(self):
        self.process = subprocess.Popen(
            [self.program, "--embedded", self.folder, "--bind", "127.0.0.1", "--host", "localhost",
             "--http-port", str(self.http), "--https-port", str(self.https)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ready = json.loads(self.process.stdout.readline())
        self.token = self.ready["token"]

    def configured(self, changes):
        """The same folders and ports, and what the test changes: {section: {key: value}}."""
        path = os.path.join(self.folder, "incamerad.conf")
        sections = {"server": {"listen": "127.0.0.1:%d" % self.https,
                               "listen_local": "127.0.0.1:%d" % self.http,
                               "certificate": self.folder + "/tls/cert.pem",
                               "private_key": self.folder + "/tls/key.pem"},
                    "paths": {"data_dir": self.folder + "/data", "run_dir": self.folder + "/run",
                              "log_dir": self.folder + "/log"},
                    "media": {"port": 0, "bind": "127.0.0.1"}}
        for section, keys in changes.items():
            sections.setdefault(section, {}).update(keys)
        with open(path, "w") as out:
            for section, keys in sections.items():
                out.write("[%s]\n" % section)
                out.writelines("%s = %s\n" % item for item in keys.items())
        log = os.path.join(self.folder, "log", "incamerad.log")
        started = open(log).read().count("event=started")
        self.process = subprocess.Popen([self.program, "--config", path])
        while open(log).read().count("event=started") == started:
            if self.process.poll() is not None:
                raise AssertionError("incamerad does not start")
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_S)

    def log(self):
        return open(os.path.join(self.folder, "log", "incamerad.log")).read()


def connect(port, tls=None):
    s = socket.create_connection(("127.0.0.1", port), LIMIT_S)
    s.settimeout(LIMIT_S)
    return tls.wrap_socket(s, server_hostname="localhost") if tls else s


def read_head(s):
    """(status, headers, what was read beyond)"""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(4096)
        if not more:
            return 0, {}, data
        data += more
    head, rest = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = dict((k.strip().lower(), v.strip()) for k, v in (line.split(":", 1) for line in lines[1:]))
    return int(lines[0].split()[1]), headers, rest


def request(port, method, path, body=None, token=None, headers=None, tls=None):
    """(status, headers, body)"""
    with connect(port, tls) as s:
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost:%d" % port]
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        if token:
            lines.append("Authorization: Bearer " + token)
        lines += ["%s: %s" % item for item in (headers or {}).items()]
        s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        try:
            s.sendall(body or b"")
            status, got, rest = read_head(s)
            while len(rest) < int(got.get("content-length", 0)):
                more = s.recv(65536)
                if not more:
                    break
                rest += more
        except (BrokenPipeError, ConnectionResetError):
            return 0, {}, b""
        return status, got, rest


class WebSocket:
    def __init__(self, port, path="/ws", protocol="incamera.v1", origin=None, tls=None):
        self.s = connect(port, tls)
        lines = ["GET %s HTTP/1.1" % path, "Host: localhost:%d" % port, "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        if protocol:
            lines.append("Sec-WebSocket-Protocol: " + protocol)
        if origin:
            lines.append("Origin: " + origin)
        self.s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        try:
            self.status, _, self.rest = read_head(self.s)
        except ConnectionResetError:
            self.status, self.rest = 0, b""

    def frame(self, payload, opcode=2, final=True, length=None):
        """Masked with zeros; length: what the header claims."""
        n = len(payload) if length is None else length
        head = bytes([(0x80 if final else 0) | opcode])
        if n < 126:
            head += bytes([0x80 | n])
        elif n < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", n)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", n)
        return head + bytes(4) + payload

    def send(self, payload, **how):
        self.s.sendall(self.frame(payload, **how))

    def exactly(self, n):
        while len(self.rest) < n:
            more = self.s.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        got, self.rest = self.rest[:n], self.rest[n:]
        return got

    def receive(self):
        """(opcode, payload) of the next frame; (8, b"") at the end of the line."""
        try:
            a, b = self.exactly(2)
            n = b & 127
            if n == 126:
                n = struct.unpack(">H", self.exactly(2))[0]
            elif n == 127:
                n = struct.unpack(">Q", self.exactly(8))[0]
            return a & 15, self.exactly(n)
        except (EOFError, ConnectionResetError, ssl.SSLError):
            return 8, b""

    def answer(self):
        """(type, request, body) of the next wire frame, None when the server closed."""
        while True:
            opcode, payload = self.receive()
            if opcode == 8:
                return None
            if opcode == 2:
                return (*struct.unpack(">HI", payload[:6]), payload[6:])

    def close(self):
        self.s.close()


def vec(b):
    return (bytes([len(b)]) if len(b) < 64 else struct.pack(">H", 0x4000 | len(b))) + b


def wire(kind, number, body=b""):
    return struct.pack(">HI", kind, number) + body


HELLO = wire(1, 1, struct.pack(">H", 0) + vec(b"test/1") + struct.pack(">Q", 1790000000000) + b"\0")
E_LIMIT, HELLO_OK, ERROR, DRAINING = 7, 2, 6, 7


def error_code(answer):
    assert answer and answer[0] == ERROR, answer
    return struct.unpack(">H", answer[2][:2])[0]


def main(tests):
    """Runs the functions test(program, folder), prints the closing line."""
    program, folder = sys.argv[1:3]
    failed = 0
    for test in tests:
        try:
            test(program, os.path.join(folder, test.__name__))
        except Exception as fault:  # noqa: a test's any end is told, and the others run
            failed += 1
            print("%s: %s: %s" % (test.__name__, type(fault).__name__, fault))
    print("%d passed, %d failed" % (len(tests) - failed, failed))
    sys.exit(1 if failed else 0)
