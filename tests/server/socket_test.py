"""What incamerad answers over its WebSocket."""
import signal
import socket
import struct
import time

import web
from web import E_LIMIT, ERROR, HELLO, HELLO_OK, Server, WebSocket, error_code, request, wire


def handshake(program, folder):
    server = Server(program, folder)
    try:
        assert WebSocket(server.http).status == 101
        for how in ({"path": "/other"}, {"protocol": None}, {"protocol": "chat"},
                    {"origin": "https://evil.example"}):
            line = WebSocket(server.http, **how)
            assert line.status != 101 or line.receive()[0] == 8, how
        assert WebSocket(server.http, origin="http://localhost:%d" % server.http).status == 101
    finally:
        assert server.stop() == 0


def hello(program, folder):
    server = Server(program, folder)
    try:
        line = WebSocket(server.http)
        line.send(HELLO)
        kind, number, body = line.answer()
        assert (kind, number) == (HELLO_OK, 1) and b"incamerad/" in body
        # The same in pieces: two fragments, byte by byte.
        line = WebSocket(server.http)
        for byte in line.frame(HELLO[:5], final=False) + line.frame(HELLO[5:], opcode=0):
            line.s.sendall(bytes([byte]))
        assert line.answer()[0] == HELLO_OK
        line.send(b"ping me", opcode=9)
        assert line.receive() == (10, b"ping me")
    finally:
        server.stop()


def hostile(program, folder):
    server = Server(program, folder)
    try:
        line = WebSocket(server.http)
        line.send(b"text", opcode=1)
        assert error_code(line.answer()) and line.answer() is None
        line = WebSocket(server.http)
        line.send(b"junk")
        assert error_code(line.answer()) == 1 and line.answer() is None
        # Too long by its header alone: refused before it is sent.
        for n in (70000, 1 << 24, 1 << 40, (1 << 63) - 1):
            line = WebSocket(server.http)
            line.send(b"\0\x0a\0\0\0\1", length=n)
            answer = line.answer()
            assert answer is None or error_code(answer) == E_LIMIT, n
            assert line.answer() is None
        # Endless fragments.
        line = WebSocket(server.http)
        try:
            line.send(b"\0\x0a\0\0\0\1", final=False)
            for _ in range(20):
                line.send(b"x" * 8000, opcode=0, final=False)
        except OSError:
            pass
        answer = line.answer()
        assert answer is None or error_code(answer) == E_LIMIT
        # Reserved bits, reserved opcodes, no mask.
        for raw in (b"\xf2\x80\0\0\0\0", b"\x83\x80\0\0\0\0", b"\x82\x05hello", b"\x89\xfe\xff\xff\0\0\0\0"):
            line = WebSocket(server.http)
            line.s.sendall(raw)
            line.s.shutdown(socket.SHUT_WR)
            while line.receive()[0] != 8:
                pass
        assert request(server.http, "GET", "/healthz")[0] == 200
    finally:
        assert server.stop() == 0


def idle_ones_are_closed(program, folder):
    server = Server(program, folder, {"limits": {"hello_ms": 1000}})
    try:
        line = WebSocket(server.http)
        assert error_code(line.answer()) == E_LIMIT and line.answer() is None
    finally:
        server.stop()


def connections_are_limited(program, folder):
    server = Server(program, folder, {"limits": {"connections_per_address": 3}})
    try:
        lines = [WebSocket(server.http) for _ in range(3)]
        assert [line.status for line in lines] == [101] * 3
        assert WebSocket(server.http).status != 101
        lines[0].close()
        end = time.monotonic() + web.LIMIT_S
        while WebSocket(server.http).status != 101:
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        server.stop()


def who_asks_and_never_reads_is_held_back(program, folder):
    """Its own questions are not read while its answers cannot leave; the others go on."""
    server = Server(program, folder, {"limits": {"frames_per_s": 100000}})
    try:
        line = WebSocket(server.http)
        line.s.settimeout(1)
        batch = b"".join(line.frame(wire(0x7000, i + 1)) for i in range(2000))
        try:
            for _ in range(1000):
                line.s.sendall(batch)
                time.sleep(0.025)  # below its rate
            raise AssertionError("it was never held back")
        except OSError:
            pass
        metrics = request(server.http, "GET", "/metrics")[2].decode()
        queued = int(metrics.split("\nincamera_send_queue_bytes ")[1].split()[0])
        assert queued < 33554432, queued
        other = WebSocket(server.http)
        other.send(HELLO)
        assert other.answer()[0] == HELLO_OK
    finally:
        server.stop()


def the_dead_are_noticed(program, folder):
    """A line on which nothing comes is pinged; where no pong comes it is closed."""
    server = Server(program, folder, {"limits": {"ping_ms": 5000, "hello_ms": 600000}})
    try:
        line = WebSocket(server.http)
        start = time.monotonic()
        line.s.settimeout(web.LIMIT_S)
        assert line.receive()[0] == 9
        assert time.monotonic() - start < 15
        assert line.receive()[0] == 8
        assert time.monotonic() - start < 40
    finally:
        server.stop()


def drain(program, folder):
    server = Server(program, folder, {"server": {"drain_ms": 120000}})
    line = WebSocket(server.http)
    line.send(HELLO)
    assert line.answer()[0] == HELLO_OK
    server.process.send_signal(signal.SIGTERM)
    kind, _, body = line.answer()
    assert kind == web.DRAINING and struct.unpack(">I", body)[0] > 0
    assert request(server.http, "GET", "/readyz")[0] == 503
    start = time.monotonic()
    line.close()
    assert server.process.wait(web.LIMIT_S) == 0
    assert time.monotonic() - start < 60, "it did not notice that everybody had gone"


web.main([handshake, hello, hostile, idle_ones_are_closed, connections_are_limited,
          who_asks_and_never_reads_is_held_back,
          the_dead_are_noticed, drain])
