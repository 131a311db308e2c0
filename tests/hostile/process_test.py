"""The process itself: signals during traffic, bad configuration, newer schema, no room on the disk."""
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import time
import traceback

from target import FACTOR, LIMIT_S, NAMES, Failure, Target, check, wait_until
from wire import DRAINING, E_SERVER, E_STATE, ENTER, ERROR, OK, SEND, Closed, Peer, dial, enter, tls_context, vec


def certificate_at(target):
    with dial(target, tls=True) as s:
        return s.getpeercert(binary_form=True)


def sighup_reloads_certificates(target):
    target.start()
    over_tls = target.person(NAMES[1])
    over_tls.make_meeting(target)
    over_tls.connect(target, tls=True)
    over_tls.enter()
    over_tls.open_group()
    before = certificate_at(target)
    for turn in range(3):
        shutil.rmtree(target.path("tls"))
        target.command("dev-cert", target.path("tls"), "localhost")
        target.process.send_signal(signal.SIGHUP)
        wait_until(lambda: certificate_at(target) != before, "the new certificate is served")
        before = certificate_at(target)
        over_tls.say("a line nobody logs")
        target.host.say("a line nobody logs")
    for name in ("cert.pem", "key.pem"):
        with open(target.path("tls/" + name), "w") as f:
            f.write("-----BEGIN CERTIFICATE-----\nAAAA\n")
        kept = target.log().count("certificate_kept")
        target.process.send_signal(signal.SIGHUP)
        wait_until(lambda: target.log().count("certificate_kept") > kept, "the broken certificate is told")
        check(certificate_at(target) == before, "a broken certificate is served")
    over_tls.say("a line nobody logs")
    with open(target.path("incamerad.conf"), "a") as f:
        f.write("nonsense = 1\n")
    target.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "config_kept" in target.log(), "the broken configuration is told")
    over_tls.close()
    target.people.remove(over_tls)
    target.check_all()
    target.stop()


def sigterm_drains(target):
    """Everybody is told, nobody new enters, the end comes in time and with status 0, with connections open."""
    target.start()
    members = [target.person(NAMES[1]) for _ in range(3)]
    for m in members:
        target.host.admit(m, target)
    half = [dial(target) for _ in range(5)] + [dial(target, tls=True) for _ in range(3)]
    garbage = socket.create_connection(("127.0.0.1", target.https))
    garbage.sendall(b"\x16\x03\x01\x02\x00\x01")
    half[0].sendall(b"GET /healthz HT")
    stranger = Peer(target).hello()
    target.process.terminate()
    for m in members + [target.host]:
        f = m.peer.wait(DRAINING)
        check(0 < struct.unpack(">I", f.body)[0] <= 60000, "when to come back: %s" % f.body)
    f = stranger.ask(ENTER, enter(1, target.host.ref))
    while f.type == DRAINING:
        f = stranger.next()
    check(f.type == ERROR and f.code == E_STATE, "ENTER while it drains: %s" % f)
    target.host.say("a line nobody logs")
    began = time.monotonic()
    target.process.wait(LIMIT_S)
    check(time.monotonic() - began < 10 * FACTOR, "the drain takes %.0f s" % (time.monotonic() - began))
    check(target.process.returncode == 0, "exit status %d: %s" % (
        target.process.returncode, target.log()[-3000:]))
    target.check_log()
    for s in half:
        s.close()
    garbage.close()


def sigterm_twice_ends_at_once(target):
    target.settings = {"server": {"drain_ms": "600000"}}
    target.start()
    target.process.terminate()
    target.host.peer.wait(DRAINING)
    target.process.terminate()
    target.process.wait(LIMIT_S)
    check(target.process.returncode == 0, "exit status %d" % target.process.returncode)
    target.check_log()


def bad_configuration(target):
    target.prepare()
    path = target.path("bad.conf")

    def refused(text, *words):
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        done = target.command("--config", path, "--check-config", status=1)
        for word in words:
            check(word in done.stderr, "%r is told as %s" % (text[:40], done.stderr))
        check(len(done.stderr) < 1000, "a long answer to %r" % text[:40])

    refused("[server]\nlisten = nowhere\n", "listen", "nowhere")
    refused("[server]\nlisten_local = 0.0.0.0:80\n", "loopback")
    refused("[server]\nlisten = 127.0.0.1:99999\n", "listen")
    refused("[nonsense]\na = 1\n", "bad.conf:2")
    refused("[server]\nnonsense = 1\n", "bad.conf:2", "nonsense")
    refused("[limits]\nmax_frame = 1\n", "bad.conf:2", "max_frame")
    refused("[limits]\nmax_frame = -1\n", "bad.conf:2")
    refused("[limits]\nmax_frame = 99999999999999999999\n", "bad.conf:2")
    refused("[server]\ndrain_ms = 1\ndrain_ms = 2\n", "bad.conf:3")
    refused("[server\n", "bad.conf:1")
    refused("x" * 5000 + "\n", "bad.conf:1")
    refused(b"\0\xff\xfe[server]\n", "bad.conf")
    refused(b"[server]\nlisten = 127.0.0.1:0\0evil\n", "bad.conf")
    refused("[paths]\ndata_dir =\n", "data_dir")
    refused("[server]\ncertificate = %s\n" % ("c" * 600), "bad.conf:2")
    refused("[log]\nlevel = loud\n", "bad.conf:2")
    refused("[media]\nbind = localhost\n", "bind")
    refused(" " * (1 << 20) + "\n\n", "1 MiB")
    for missing in ("/nowhere/at.all", target.folder):
        target.command("--config", missing, "--check-config", status=1)
    target.command("--config", target.path("incamerad.conf"), "--check-config")
    printed = target.command("--print-config").stdout
    with open(path, "w") as f:
        f.write(printed)
    target.command("--config", path, "--check-config")


def does_not_start(target, *words):
    done = target.command("--config", target.path("incamerad.conf"), status=1)
    for word in words:
        check(word in done.stderr, "%s is not named: %s" % (word, done.stderr))
    check("Sanitizer" not in done.stderr, done.stderr)


def newer_schema(target):
    target.prepare()
    path = target.path("data/incamera.db")
    db = sqlite3.connect(path)
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    table = next(t for t in tables if "schema" in t or "version" in t or "migration" in t)
    column = db.execute("PRAGMA table_info(%s)" % table).fetchall()[0][1]
    db.execute("UPDATE %s SET %s = 4711" % (table, column))
    db.commit()
    db.close()
    does_not_start(target, "incamera.db", "newer")


def broken_database(target):
    target.prepare()
    path = target.path("data/incamera.db")
    with open(path, "r+b") as f:
        f.write(b"this is no database at all" * 50)
    for extra in ("-wal", "-shm"):
        if os.path.exists(path + extra):
            os.unlink(path + extra)
    does_not_start(target, "incamera.db")
    os.unlink(path)
    os.mkdir(path)
    does_not_start(target, "incamera.db")


def unusable_folders(target):
    target.prepare()
    with open(target.path("a-file"), "w"):
        pass
    for section, key in (("paths", "data_dir"), ("paths", "run_dir"), ("paths", "log_dir")):
        target.settings = {section: {key: target.path("a-file/below")}}
        target.configure()
        does_not_start(target, "a-file/below")
    target.settings = {"paths": {"log_dir": target.path("log-dir")}}
    os.makedirs(target.path("log-dir/incamerad.log"))
    target.configure()
    does_not_start(target, "incamerad.log")
    target.settings = {"server": {"certificate": target.path("none.pem")}}
    target.configure()
    does_not_start(target, "none.pem")
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    target.settings = {"server": {"listen_local": "127.0.0.1:%d" % taken.getsockname()[1]}}
    target.configure()
    does_not_start(target, str(taken.getsockname()[1]))
    taken.close()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    target.settings = {"media": {"port": str(udp.getsockname()[1])}}
    target.configure()
    does_not_start(target, str(udp.getsockname()[1]))
    udp.close()
    target.settings = {}


def second_server(target):
    """One server a data_dir: the second one does not start, the first does not notice."""
    target.start()
    does_not_start(target, "another incamerad")
    target.check_all()
    check(os.path.exists(target.path("run/incamerad.pid")), "the second one took the first one's pid file away")
    target.stop()
    check(not os.path.exists(target.path("run/incamerad.pid")), "the pid file stays after the end")


def full_disk(target):
    """No file may grow: whoever was not stored is told so, nothing is acknowledged, and it recovers."""
    target.start()
    size = max(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(target.path("data")) for f in fs)
    resource.prlimit(target.process.pid, resource.RLIMIT_FSIZE, (size + 4096, resource.RLIM_INFINITY))
    text = b"a line nobody logs" * 5000
    failed = None
    for _ in range(40):
        message, = target.host.do("say", text)
        try:
            f = target.host.peer.ask(SEND, vec(target.host.group_id) + vec(message) + b"\0")
        except (Closed, ConnectionError):
            failed = "closed"
            break
        if f.type == ERROR:
            failed = f
            break
    check(failed is not None, "messages were acknowledged on a full disk")
    check(failed == "closed" or failed.code == E_SERVER, "a full disk is told as %s" % failed)
    check(target.process.poll() is None, "a full disk ended the server: " + target.log()[-2000:])
    check(target.get("/healthz") == "ok\n", "/healthz on a full disk")
    check("store_failed" in target.log(), "its log does not tell of the full disk")
    status, _ = target.api("POST", "/api/v1/meetings", {"terms": ""})
    check(status in (400, 500), "the API on a full disk: %d" % status)
    resource.prlimit(target.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    target.host.connect(target)
    target.host.enter()
    target.host.say("a line nobody logs")
    target.check_all()
    target.stop()


def answers(target):
    try:
        return target.get("/healthz") == "ok\n"
    except (OSError, EOFError):
        return False


def few_descriptors(target):
    """More connections than descriptors: some are refused, all come back afterwards."""
    target.start(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)))
    crowd = []
    for _ in range(200):
        try:
            s = socket.create_connection(("127.0.0.1", target.http), 5)
            crowd.append(s)
        except OSError:
            break
    time.sleep(0.5)
    check(target.process.poll() is None, "it died of connections: " + target.log()[-2000:])
    target.host.say("a line nobody logs")
    for s in crowd:
        s.close()
    wait_until(lambda: answers(target), "it answers again")
    target.check_all()
    check(len(target.log()) < 200000, "it logged %d bytes about it" % len(target.log()))
    target.stop()


def main(argv):
    tests = (sighup_reloads_certificates, sigterm_drains, sigterm_twice_ends_at_once, bad_configuration,
             newer_schema, broken_database, unusable_folders, second_server, full_disk,
             few_descriptors)
    passed = failed = 0
    for test in tests:
        if argv[3:] and test.__name__ not in argv[3:]:
            continue
        target = Target(argv[1], os.path.join(argv[2], test.__name__))
        began = time.monotonic()
        try:
            os.makedirs(argv[2], exist_ok=True)
            test(target)
            passed += 1
            print("ok   %s, %.1f s" % (test.__name__, time.monotonic() - began), flush=True)
        except (Failure, OSError, EOFError, ValueError, AssertionError, subprocess.SubprocessError) as failure:
            failed += 1
            print("FAIL %s: %s: %s" % (test.__name__, type(failure).__name__, failure), flush=True)
            traceback.print_exc(file=sys.stdout)
        finally:
            target.kill()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
