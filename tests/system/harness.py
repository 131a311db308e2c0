"""Real servers and real clients for the demo and the system tests.

    with Stage(build, folder) as stage:
        server = stage.server()
        link = server.create_meeting("alice")
        alice = stage.client("alice", link)
        alice.expect("state", state="e2ee")
        bob = stage.client("bob", link)
        alice.admit("bob")

Nothing here sleeps to be on the safe side: everything waits for an event, with a time limit. Whatever a
stage has started ends with it, by its process id.
"""
import ctypes
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FACTOR = float(os.environ.get("IC_TIME_FACTOR", "1"))  # how much slower a machine or a build may be
LIMIT_S = 60 * FACTOR
LONG_S = 3 * LIMIT_S  # for what moves many bytes, or waits for another's limit
IN_GROUP = ("e2ee", "e2ee_compare")
PR_SET_PDEATHSIG = 1
PRCTL = ctypes.CDLL(None).prctl  # found before there are threads: a child of theirs must not look for it


class Failure(Exception):
    """Something did not happen, said in one sentence."""


def die_with_parent():
    PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)


given_ports = set()


def free_port(kind=socket.SOCK_STREAM):
    """One that nobody has, none that was given before, and none of those that the system gives to whoever connects or
    asks for any: it is still free when somebody binds it a while later."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        lowest = int(f.read().split()[0])
    for _ in range(100 if lowest > 20000 else 0):
        port = random.randrange(10000, lowest)
        with socket.socket(socket.AF_INET, kind) as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in given_ports:
            given_ports.add(port)
            return port
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, what, limit_s=None):
    """Polls: for files and ports, which send no events."""
    end = time.monotonic() + (limit_s or LIMIT_S)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure("not within %.0f s: %s" % (limit_s or LIMIT_S, what))
        time.sleep(0.02)


class Program:
    """A child process whose standard error goes to a file."""

    def __init__(self, name, command, folder, environment=None, **streams):
        self.name = name
        self.log = os.path.join(folder, name + ".log")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stderr=log, preexec_fn=die_with_parent,
                                            env=dict(os.environ, **(environment or {})), **streams)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def last_words(self, lines=15):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def kill(self):
        """SIGKILL: no goodbye."""
        if self.running():
            self.process.kill()
        self.process.wait()

    def stop(self, limit_s=None):
        if self.running():
            self.process.terminate()
        try:
            return self.process.wait(limit_s or LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


class Client(Program):
    """One `incamera join --json`. Events are kept in order; expect looks from a mark on."""

    def __init__(self, stage, name, link, options, environment=None):
        self.folder = os.path.join(stage.folder, "clients")
        os.makedirs(self.folder, exist_ok=True)
        self.label = name
        self.identity = os.path.join(self.folder, name + ".identity")
        self.events = []
        self.changed = threading.Condition()
        # Who has a profile of their own (INCAMERA_HOME) is who that says.
        key = [] if "INCAMERA_HOME" in (environment or {}) else ["--identity", self.identity]
        command = [stage.program("client/incamera"), "join", link, "--json", "--name", name,
                   *key, "--no-play"] + options
        super().__init__(name, command, self.folder, environment, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with open(os.path.join(self.folder, self.name + ".events"), "ab") as copy:
            for line in self.process.stdout:
                copy.write(line)
                copy.flush()
                try:
                    event = json.loads(line)
                except ValueError:
                    event = {"event": "no-json", "line": line.decode("utf-8", "replace")}
                with self.changed:
                    self.events.append(event)
                    self.changed.notify_all()
        with self.changed:
            self.events.append({"event": "end-of-output"})
            self.changed.notify_all()

    def mark(self):
        with self.changed:
            return len(self.events)

    def select(self, event, since=0, where=None, **fields):
        """All events of that name with those fields; fields of the person as person=NAME."""
        person = fields.pop("person", None)
        with self.changed:
            found = [e for e in self.events[since:] if e["event"] == event]
        return [e for e in found
                if all(e.get(k) in v if isinstance(v, tuple) else e.get(k) == v
                       for k, v in fields.items())
                and (person is None or e.get("person", {}).get("name") == person)
                and (where is None or where(e))]

    def expect(self, event, since=0, limit_s=None, where=None, count=1, **fields):
        """The first such event (of count ones, the last), waited for."""
        end = time.monotonic() + (limit_s or LIMIT_S)
        while True:
            mark = self.mark()
            found = self.select(event, since, where, **fields)
            if len(found) >= count:
                return found[count - 1]
            with self.changed:
                if len(self.events) > mark:
                    continue
                over = bool(self.events) and self.events[-1]["event"] == "end-of-output"
                left = end - time.monotonic()
                if over or left <= 0:
                    break
                self.changed.wait(left)
        tail = "\n".join(json.dumps(e) for e in self.events[-12:])
        raise Failure("%s %s without %s %s; its last events:\n%s\n%s" % (
            self.name, "ended" if over else "is", event, fields or "", tail, self.last_words()))

    def last(self, event):
        found = self.select(event)
        return found[-1] if found else {}

    def send(self, do, **fields):
        line = json.dumps(dict(fields, do=do)) + "\n"
        try:
            self.process.stdin.write(line.encode())
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise Failure("%s takes no commands any more: %s" % (self.name, self.last_words())) from error

    def enter(self, since=0):
        """Waits until the keys are there."""
        return self.expect("state", since=since, state=IN_GROUP)

    def epoch(self):
        return self.last("code").get("epoch", -1)

    def knock_of(self, name, since=0):
        return self.expect("knock", since=since, person=name)["knock"]

    def admit(self, name, since=0):
        self.send("admit", knock=self.knock_of(name, since))

    def refuse(self, name, since=0):
        self.send("refuse", knock=self.knock_of(name, since))

    def chat(self, text):
        self.send("chat", text=text)

    def expect_line(self, text, since=0, limit_s=None):
        return self.expect("chat", since=since, limit_s=limit_s, text=text)

    def expect_hearing(self, name, since=0, streams=("audio", "video"), limit_s=None):
        for stream in streams:
            self.expect("hearing", since=since, limit_s=limit_s, name=name, stream=stream)

    def expect_flow(self, what="frames_decrypted", more=30, limit_s=None, base=None):
        """Waits until the counter has grown by that many: since now, or from base."""
        since = self.mark()
        if base is None:
            base = self.last("stats").get(what, 0)
        return self.expect("stats", since=max(0, since - 1), limit_s=limit_s,
                           where=lambda e: e[what] >= base + more)

    def finish(self, limit_s=None):
        """Waits for the process to end by itself; its exit status."""
        try:
            status = self.process.wait(limit_s or LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("%s does not end: %s" % (self.name, self.last_words())) from None
        self.reader.join(LIMIT_S)
        return status


class Stage:
    """A folder, and everything that runs in it."""

    def __init__(self, build, folder, keep=False):
        self.build = os.path.abspath(build)
        self.folder = os.path.abspath(folder)
        self.keep = keep
        self.programs = []

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder, mode=0o700)
        return self

    def __exit__(self, kind, value, trace):
        for program in reversed(self.programs):
            program.kill()
        if kind is None and not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        return False

    def program(self, path):
        full = os.path.join(self.build, path)
        if not os.access(full, os.X_OK):
            raise Failure("there is no %s: build it first (tools/build hooks)" % full)
        return full

    def run(self, path, *arguments, limit_s=2 * LIMIT_S, check=True, environment=None):
        done = subprocess.run([self.program(path), *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                              timeout=limit_s, preexec_fn=die_with_parent,
                              env=dict(os.environ, **(environment or {})))
        if check and done.returncode != 0:
            raise Failure("%s: exit status %d: %s" % (path, done.returncode, done.stderr.strip()[-600:]))
        return done

    def server(self, *options, name="server", environment=None):
        from server import Server
        server = Server(self, name, list(options), environment)
        self.programs.append(server)
        server.start()
        return server

    def client(self, name, link, *options, environment=None, home=None):
        """home: a folder with the device's profile (people.py); without one, a bare key of that name."""
        if home:
            environment = dict(environment or {}, INCAMERA_HOME=home)
        client = Client(self, name, link, list(options), environment)
        self.programs.append(client)
        return client


class Skipped(Exception):
    """This machine cannot play the case: it is counted as skipped, never as passed."""


class Cases:
    """A handful of test functions, and the closing line that run-tests counts."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.passed = self.failed = self.skipped = 0

    def run(self, *functions):
        for function in functions:
            began = time.monotonic()
            try:
                with Stage(self.build, os.path.join(self.folder, function.__name__)) as stage:
                    function(stage)
                self.passed += 1
                print("ok   %s, %.1f s" % (function.__name__, time.monotonic() - began), flush=True)
            except Skipped as why:
                self.skipped += 1
                print("skip %s: %s" % (function.__name__, why), flush=True)
            except (Failure, subprocess.SubprocessError, AssertionError) as failure:
                self.failed += 1
                print("FAIL %s: %s" % (function.__name__, failure), flush=True)
        skips = ", %d skipped" % self.skipped if self.skipped else ""
        print("%d passed, %d failed%s" % (self.passed, self.failed, skips))
        return 1 if self.failed else 0
