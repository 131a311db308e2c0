"""Traces of a meeting: the server's memory, disk and packets, the clients' exported secrets, the tap."""
import json
import os
import subprocess

CHUNK = 1 << 20


def json_lines(path):
    """A last line that was cut short is left out."""
    found = []
    if os.path.exists(path):
        with open(path, errors="replace") as lines:
            for line in lines:
                try:
                    found.append(json.loads(line))
                except ValueError:
                    pass
    return found


class Snapshots:
    """Copies of a process's memory, taken while it runs; pages of nothing but zeros are left out."""

    def __init__(self, pid, folder):
        self.pid, self.folder, self.taken, self.bytes = pid, folder, 0, 0
        os.makedirs(folder)

    def regions(self, everything):
        with open("/proc/%d/maps" % self.pid) as maps:
            for line in maps:
                where, rights, _, _, inode, *name = line.split(None, 5)
                name = name[0].strip() if name else ""
                if rights[0] != "r" or name in ("[vvar]", "[vsyscall]") or name.startswith("/dev/"):
                    continue
                # A file's pages that nobody can write hold what the file holds, every time.
                if everything or rights[1] == "w" or inode == "0":
                    yield tuple(int(n, 16) for n in where.split("-"))

    def take(self, everything=False):
        path = os.path.join(self.folder, "snapshot-%d" % (self.taken + 1))
        memory = os.open("/proc/%d/mem" % self.pid, os.O_RDONLY)
        zeros = bytes(CHUNK)
        with open(path, "wb") as out:
            for start, end in self.regions(everything):
                at = start
                while at < end:
                    want = min(CHUNK, end - at)
                    try:
                        got = os.pread(memory, want, at)
                    except OSError:
                        break  # it was unmapped meanwhile
                    if not got:
                        break
                    if got != zeros[:len(got)]:
                        out.write(got)
                    at += len(got)
            self.bytes += out.tell()
        os.close(memory)
        self.taken += 1


class Export:
    """What one client wrote with --test-export: keys, frames, chat lines, each in its order."""

    def __init__(self, path):
        self.path = path
        self.records = json_lines(path)

    def epochs(self):
        return {r["epoch"]: r for r in self.records if r["kind"] == "epoch"}

    def failures(self):
        """(why, KID, own epoch at that moment) of every frame that was refused."""
        found, epoch = [], -1
        for r in self.records:
            if r["kind"] == "epoch":
                epoch = r["epoch"]
            elif r["kind"].startswith("failed "):
                found.append((r["kind"].split(" ", 1)[1], sframe_header(bytes.fromhex(r["hex"]))[0], epoch))
        return found

    def sealed(self):
        """(KID, counter) of every frame it sent."""
        return [sframe_header(bytes.fromhex(r["hex"])) for r in self.records if r["kind"] == "sealed"]

    def first_sealed_in(self, epoch):
        """Per KID the first counter sealed once the epoch was applied."""
        first, applied = {}, False
        for r in self.records:
            if r["kind"] == "epoch" and r["epoch"] >= epoch:
                applied = True
            elif applied and r["kind"] == "sealed":
                kid, counter = sframe_header(bytes.fromhex(r["hex"]))
                first.setdefault(kid, counter)
        return first


def sframe_header(b):
    """RFC 9605 section 4.3: (KID, counter)."""
    at = 1

    def field(more, value):
        nonlocal at
        if not more:
            return value
        number = int.from_bytes(b[at:at + value + 1], "big")
        at += value + 1
        return number

    kid = field(b[0] >> 7, b[0] >> 4 & 7)
    return kid, field(b[0] >> 3 & 1, b[0] & 7)


class Capture:
    """All frames of the tap, put together again, and trials with somebody's keys on some of them."""

    def __init__(self, stage, tap, suite=4):
        self.stage, self.suite = stage, suite
        self.path = tap + ".frames"
        listing = stage.run("tests/demo/ic-tapframes", tap, self.path).stdout
        self.frames = [json.loads(line) for line in listing.splitlines()]

    def attempt(self, chosen, exports):
        """Every key of the exports on every chosen frame: keys, tried, attempts, decrypted."""
        selection = self.path + ".selection"
        with open(selection, "w") as out:
            out.writelines("%d\n" % f["n"] for f in sorted(chosen, key=lambda f: f["n"]))
        return json.loads(self.stage.run("tests/demo/ic-trykeys", self.path, selection, str(self.suite),
                                         *exports, limit_s=120).stdout)


def scan(stage, needles, **targets):
    """hits of memory, disk, packets: {name: {"bytes", "windows", "hits", "first"}}."""
    named = ["%s=%s" % (name, path) for name, paths in targets.items() for path in paths]
    done = subprocess.run([stage.program("tests/demo/ic-scan"), *needles, "--", *named],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        from harness import Failure
        raise Failure("ic-scan: " + done.stderr.strip())
    return {o["name"]: o for o in map(json.loads, done.stdout.splitlines())}
