"""The server under attack, and what must hold after every attack.

    def strange_methods(target):
        for method in ("TRACE", "CONNECT"):
            raw(target, method + " / HTTP/1.1\\r\\n\\r\\n")

    if __name__ == "__main__":
        sys.exit(run(sys.argv, strange_methods))

A target is incamerad on loopback with free ports and a configuration file of its own. After every attack
it must live, answer /healthz, serve a well-behaved host, hold no more memory, threads or descriptors than
before (within a bound), and have said nothing secret and no sanitizer report.
"""
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import traceback
import urllib.request

from wire import Peer, Person

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from harness import die_with_parent, free_port  # noqa: E402

FACTOR = float(os.environ.get("IC_TIME_FACTOR", "1"))  # how much slower a machine or a build may be
LIMIT_S = 60 * FACTOR
GROWTH_KB = 48 << 10
NAMES = ("Ada-with-a-secret-name", "Bela-with-a-secret-name")  # of members: in no log
TITLE = "A title nobody logs"
SECRETS = NAMES + (TITLE, "ict_", "a line nobody logs")

class Failure(Exception):
    """Something that must hold does not, said in one sentence."""


def check(condition, what):
    if not condition:
        raise Failure(what)


def wait_until(condition, what, limit_s=LIMIT_S):
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            raise Failure("not within %.0f s: %s" % (limit_s, what))
        time.sleep(0.02)


class Target:
    def __init__(self, build, folder, settings=None, before_start=None):
        self.program = os.path.join(build, "server", "incamerad")
        self.person_program = os.path.join(build, "tests", "hostile", "hostile-person")
        self.folder = folder
        self.settings = settings or {}
        self.before_start = before_start
        self.process = None
        self.people = []
        self.host = None

    # ---- starting and ending ----

    def path(self, name):
        return os.path.join(self.folder, name)

    def environment(self):
        options = "detect_leaks=1:quarantine_size_mb=4:allocator_may_return_null=1:abort_on_error=0"
        return dict(os.environ, ASAN_OPTIONS=options,
                    UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")

    def command(self, *arguments, status=0):
        done = subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True, timeout=LIMIT_S,
                              env=self.environment(), preexec_fn=die_with_parent)
        check(done.returncode == status, "%s: exit status %d, not %d: %s" % (
            " ".join(arguments), done.returncode, status, done.stderr[-2000:]))
        return done

    def configure(self):
        values = {
            "server": {"listen": "127.0.0.1:0", "listen_local": "127.0.0.1:0",
                       "certificate": self.path("tls/cert.pem"), "private_key": self.path("tls/key.pem")},
            "paths": {"data_dir": self.path("data"), "run_dir": self.path("run"), "log_dir": ""},
            "log": {"level": "debug"},
            "media": {"bind": "127.0.0.1", "port": str(free_port(socket.SOCK_DGRAM)), "threads": "1"},
            "limits": {"requests_per_min": "1000000", "connections_per_address": "1000"},
        }
        for section, keys in self.settings.items():
            values.setdefault(section, {}).update(keys)
        self.media_port = int(values["media"]["port"])
        with open(self.path("incamerad.conf"), "w") as f:
            for section, keys in values.items():
                f.write("[%s]\n" % section)
                for key, value in keys.items():
                    f.write("%s = %s\n" % (key, value))

    def prepare(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder, mode=0o700)
        self.configure()
        self.pin = self.command("dev-cert", self.path("tls"), "localhost").stdout.strip()
        config = ["--config", self.path("incamerad.conf")]
        self.token = self.command(*config, "org", "add", "Test").stdout.strip()

    def launch(self, limits=None):
        def prepare_child():
            die_with_parent()
            if limits:
                limits()
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--config", self.path("incamerad.conf")], stderr=log, stdout=log,
                stdin=subprocess.DEVNULL, env=self.environment(), preexec_fn=prepare_child)

    def log(self):
        with open(self.path("log"), errors="replace") as f:
            return f.read()

    def started(self):
        found = re.findall(r"event=started http=(\d+) https=(\d+)[^\n]*\n", self.log())
        if found:
            self.http, self.https = (int(port) for port in found[-1])
        return bool(found) or self.process.poll() is not None

    def start(self, limits=None):
        self.prepare()
        self.launch(limits)
        wait_until(self.started, "the server starts")
        check(self.process.poll() is None, "the server does not start: " + self.log()[-2000:])
        self.service()  # everything is warm before the first measure
        self.open_group()
        self.service()
        self.base = dict(self.measure(), lines=self.lines())
        return self

    def open_group(self):
        """A meeting that goes on all the time, its host connected: attacks must not disturb it."""
        self.host = self.person(NAMES[0])
        self.host.make_meeting(self)
        self.host.connect(self)
        self.host.enter()
        self.host.open_group()

    def stop(self):
        """SIGTERM; the exit status. Checks that it left cleanly."""
        for person in self.people:
            person.close()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Failure("it does not end on SIGTERM") from None
        if self.process:
            self.check_log()
            check(self.process.returncode == 0,
                  "exit status %d: %s" % (self.process.returncode, self.log()[-3000:]))

    def kill(self):
        for person in self.people:
            person.close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def forget_others(self):
        """Everybody but the host goes: an attack that failed must not make the next one fail."""
        for person in [p for p in self.people if p is not self.host]:
            person.close()
            self.people.remove(person)

    # ---- using it as one should ----

    def person(self, name):
        person = Person(self.person_program, name)
        self.people.append(person)
        return person

    def api(self, method, path, body=None, token=None):
        """(status, JSON or None)"""
        headers = {"Authorization": "Bearer " + (self.token if token is None else token)}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.http, path), data, headers,
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def get(self, path):
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.http, path), timeout=LIMIT_S) as a:
            return a.read().decode()

    def service(self):
        """A well-behaved host makes a meeting, enters, opens its group and speaks."""
        check(self.get("/healthz") == "ok\n", "/healthz does not say ok")
        person = self.person(NAMES[1])
        try:
            person.make_meeting(self)
            person.connect(self)
            person.enter()
            person.open_group()
            check(person.say("a line nobody logs") > 0, "a message got no place in the order")
            person.end_meeting()
        finally:
            person.close()
            self.people.remove(person)
        if self.host:
            self.host.say("a line nobody logs")

    # ---- what must hold ----

    def measure(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            kb = int(re.search(r"VmRSS:\s*(\d+)", f.read()).group(1))
        return {"kb": kb, "descriptors": len(os.listdir("/proc/%d/fd" % self.process.pid)),
                "threads": len(os.listdir("/proc/%d/task" % self.process.pid))}

    def lines(self):
        """TCP connections by its own count, this one included."""
        return int(re.search(r"tcp_connections (\d+)", self.get("/metrics")).group(1))

    def settled(self):
        now = self.measure()
        return self.lines() <= self.base["lines"] and now["descriptors"] <= self.base["descriptors"] and now["threads"] <= self.base["threads"]

    def check_log(self):
        text = self.log()
        for sign in ("ERROR: AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion",
                     "stack smashing"):
            at = text.find(sign)
            check(at < 0, "a report in its log: " + text[max(0, at - 200):at + 3000])
        for secret in SECRETS + (self.token, self.pin):
            check(secret not in text, "its log holds %s" % secret[:12])

    def check_all(self):
        check(self.process.poll() is None, "it is dead, status %s: %s" % (
            self.process.poll(), self.log()[-3000:]))
        self.service()
        self.check_log()
        wait_until(self.settled, "descriptors and threads are back at %s: %s" % (
            self.base, self.measure()))
        grown = self.measure()["kb"] - self.base["kb"]
        check(grown < GROWTH_KB, "it holds %d KiB more than before" % grown)


def execute(target, attack):
    began = time.monotonic()
    try:
        attack(target)
        target.check_all()
        print("ok   %s, %.1f s" % (attack.__name__, time.monotonic() - began), flush=True)
        return True
    except (Failure, OSError, subprocess.SubprocessError, EOFError, ValueError, AssertionError) as failure:
        target.forget_others()
        print("FAIL %s: %s: %s" % (attack.__name__, type(failure).__name__, failure), flush=True)
        traceback.print_exc(file=sys.stdout)
        return False


def run(argv, *attacks, settings=None):
    """argv: the program, the build folder, a folder to work in, names of attacks (all)."""
    build, folder, wanted = argv[1], argv[2], set(argv[3:])
    target = Target(build, folder, settings)
    results = []
    try:
        target.start()
        for attack in attacks:
            if not wanted or attack.__name__ in wanted:
                results.append(execute(target, attack))
        target.stop()
        results.append(True)
        print("ok   it ends on SIGTERM with status 0, nothing leaked", flush=True)
    except Failure as failure:
        results.append(False)
        print("FAIL the server: %s" % failure, flush=True)
    finally:
        target.kill()
    print("%d passed, %d failed" % (results.count(True), results.count(False)))
    return 0 if all(results) else 1
