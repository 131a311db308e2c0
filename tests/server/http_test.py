"""What incamerad answers over HTTP and TLS."""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time
import warnings

import web
from web import Server, WebSocket, request


def trust(server):
    context = ssl.create_default_context(cafile=server.folder + "/tls/ca.pem")
    return context


def pages(program, folder):
    server = Server(program, folder)
    try:
        assert request(server.http, "GET", "/healthz")[::2] == (200, b"ok\n")
        assert request(server.http, "GET", "/readyz")[::2] == (200, b"ready\n")
        status, headers, body = request(server.http, "GET", "/m/" + "A" * 22)
        assert status == 200 and b"incamera join" in body
        assert not re.search(rb"<script(?![^>]* src=\"/)|<style|\bon[a-z]+=", body), body
        assert b"http://" not in body and b"https://" not in body
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "unsafe-inline" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert request(server.http, "GET", "/m/" + "B" * 22)[2] == body
        assert request(server.http, "GET", "/m/4711081542")[2] == body
        for path in ("short", "471108154", "47110815420000000000x", "4" * 21, ""):
            assert request(server.http, "GET", "/m/" + path)[0] == 404, path
        assert request(server.http, "GET", "/../etc/passwd")[0] in (400, 403, 404)
        assert request(server.http, "GET", "/nothing")[0] == 404
        assert request(server.http, "POST", "/healthz", b"x")[0] == 405
        metrics = request(server.http, "GET", "/metrics")[2].decode()
        assert re.search(r"^incamera_http_requests_total \d+$", metrics, re.M), metrics
    finally:
        assert server.stop() == 0


def api(program, folder):
    server = Server(program, folder)
    try:
        path = "/api/v1/meetings"
        assert request(server.http, "GET", path)[0] == 401
        assert request(server.http, "GET", path, token="ict_" + "x" * 44)[0] == 401
        status, headers, body = request(server.http, "GET", path, token=server.token)
        assert status == 200 and headers["content-type"] == "application/json"
        assert json.loads(body) == {"meetings": []}
        status, _, body = request(server.http, "POST", path, b'{"terms":"AA","terms":"AA"}', server.token)
        assert status == 400 and json.loads(body)["error"] == "malformed"
        assert request(server.http, "POST", path, b"x" * 300000, server.token)[0] == 413
        assert request(server.http, "POST", path, b"", server.token)[0] == 400
        assert request(server.http, "DELETE", path + "/" + "A" * 22, token=server.token)[0] == 404
    finally:
        server.stop()


def malformed_http(program, folder):
    server = Server(program, folder)
    try:
        for junk in (b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 20000 + b"\r\n\r\n",
                     b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n",
                     b"POST /api/v1/meetings HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                     b"POST /api/v1/meetings HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n",
                     b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n", b"\x16\x03\x01\x02\x00\x01"):
            for port in (server.http, server.https):
                with web.connect(port) as s:
                    try:
                        s.sendall(junk)
                        s.shutdown(socket.SHUT_WR)
                        while s.recv(65536):
                            pass
                    except OSError:
                        pass
        assert request(server.http, "GET", "/healthz")[0] == 200
    finally:
        assert server.stop() == 0


def requests_are_limited(program, folder):
    server = Server(program, folder, {"limits": {"requests_per_min": 5}})
    try:
        got = [request(server.http, "GET", "/healthz")[0] for _ in range(8)]
        assert got == [200] * 5 + [429] * 3, got
    finally:
        server.stop()


def tls(program, folder):
    server = Server(program, folder)
    try:
        assert request(server.https, "GET", "/healthz", tls=trust(server))[0] == 200
        try:
            request(server.https, "GET", "/healthz", tls=ssl.create_default_context())
            raise AssertionError("an unknown authority was trusted")
        except ssl.SSLError:
            pass
        warnings.simplefilter("ignore", DeprecationWarning)
        old = ssl._create_unverified_context()
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            request(server.https, "GET", "/healthz", tls=old)
            raise AssertionError("TLS 1.1 was accepted")
        except (ssl.SSLError, ConnectionResetError):
            pass
    finally:
        server.stop()


def serial(server):
    with web.connect(server.https, trust(server)) as s:
        return s.getpeercert()["serialNumber"]


def certificates_reload(program, folder):
    server = Server(program, folder)
    try:
        before = serial(server)
        line = WebSocket(server.https, tls=trust(server))
        line.send(web.HELLO)
        assert line.answer()[0] == web.HELLO_OK
        # A broken file is refused, and the former certificate stays.
        with open(folder + "/tls/cert.pem") as f:
            good = f.read()
        with open(folder + "/tls/cert.pem", "w") as f:
            f.write("nonsense")
        server.process.send_signal(signal.SIGHUP)
        wait_log(server, "certificate_kept")
        assert serial(server) == before
        with open(folder + "/tls/cert.pem", "w") as f:
            f.write(good)
        os.remove(folder + "/tls/cert.pem")
        subprocess.run([program, "dev-cert", folder + "/tls", "localhost"], check=True,
                       stdout=subprocess.DEVNULL)
        server.process.send_signal(signal.SIGHUP)
        wait_log(server, "certificate_loaded")
        assert serial(server) != before
        line.send(web.wire(0x7fff, 9))
        assert line.answer()[1] == 9
    finally:
        server.stop()


def wait_log(server, word):
    end = time.monotonic() + web.LIMIT_S
    while word not in server.log():
        assert time.monotonic() < end, word
        time.sleep(0.02)


def configuration(program, folder):
    os.makedirs(folder, exist_ok=True)
    path = folder + "/x.conf"

    def check(text):
        with open(path, "w") as f:
            f.write(text)
        done = subprocess.run([program, "--config", path, "--check-config"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stderr

    assert check("[server]\nlisten = 127.0.0.1:1\n")[0] == 0
    status, text = check("[server]\nlisten = 127.0.0.1:1\ncolour = red\n")
    assert status == 1 and "x.conf:3: unknown key colour" in text, text
    printed = subprocess.run([program, "--print-config"], stdout=subprocess.PIPE, text=True).stdout
    assert check(printed)[0] == 0
    assert subprocess.run([program, "--config", folder + "/absent", "--check-config"],
                          stderr=subprocess.DEVNULL).returncode == 1


def newer_schema(program, folder):
    server = Server(program, folder)
    server.stop()
    import sqlite3
    db = sqlite3.connect(folder + "/data/incamera.db")
    db.execute("UPDATE schema SET version = 99")
    db.commit()
    db.close()
    done = subprocess.run([program, "--embedded", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=web.LIMIT_S)
    assert done.returncode == 1 and "newer version" in done.stderr, done.stderr


def one_server_for_a_folder(program, folder):
    server = Server(program, folder)
    try:
        pid_file = folder + "/run/incamerad.pid"
        assert open(pid_file).read() == "%d\n" % server.process.pid
        second = subprocess.run([program, "--embedded", folder], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, timeout=web.LIMIT_S)
        assert second.returncode == 1 and "another incamerad" in second.stderr, second.stderr
        assert open(pid_file).read() == "%d\n" % server.process.pid
        assert request(server.http, "GET", "/readyz")[0] == 200
        # Killed, it leaves nothing that keeps the next one away.
        server.process.kill()
        server.process.wait()
        server.embedded()
    finally:
        assert server.stop() == 0
    assert not os.path.exists(pid_file)


def no_certificate(program, folder):
    server = Server(program, folder, {})
    server.stop()
    key = folder + "/tls/key.pem"
    os.rename(key, key + ".away")
    done = subprocess.run([program, "--config", folder + "/incamerad.conf"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=web.LIMIT_S)
    assert done.returncode == 1 and "key.pem: No such file" in done.stderr, done.stderr


def organisations(program, folder):
    server = Server(program, folder, {})
    try:
        command = [program, "--config", folder + "/incamerad.conf", "org"]
        run = lambda *a: subprocess.run([*command, *a], stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL)
        token = run("add", "Second").stdout.strip()
        assert request(server.http, "GET", "/api/v1/meetings", token=token)[0] == 200
        assert run("add", "Second").returncode == 1
        again = run("token", "Second").stdout.strip()
        assert request(server.http, "GET", "/api/v1/meetings", token=token)[0] == 401
        assert request(server.http, "GET", "/api/v1/meetings", token=again)[0] == 200
        text = server.log()
        assert token not in text and "Second" not in text
        for name in ("data/incamera.db", "tls/key.pem", "token"):
            assert os.stat(os.path.join(folder, name)).st_mode & 0o777 == 0o600, name
        assert os.stat(folder + "/data").st_mode & 0o777 == 0o700
    finally:
        server.stop()


web.main([pages, api, malformed_http, requests_are_limited, tls, certificates_reload, configuration,
          newer_schema, one_server_for_a_folder, no_certificate, organisations])
