"""`incamera join` in a real pseudo-terminal: keys go in, everything it writes is kept, and a small model of
the screen says what a person sees."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time

from harness import LIMIT_S, Failure, die_with_parent, wait_until

SEQUENCE = re.compile(rb"\x1b\[([?0-9;]*)([A-Za-z])|\x1b\]0;([^\x07]*)\x07")


class Screen:
    """Only what the client may send; anything else is a failure, and so is a row below the window."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cells, self.row, self.column = {}, 0, 0
        self.title, self.modes, self.strange, self.wrapped = "", set(), [], False
        self.drawn = 0  # whole screens

    def lines(self):
        return [self.cells.get(row, "").rstrip() for row in range(self.rows)]

    def text(self):
        return "\n".join(self.lines())

    def feed(self, data):
        at = 0
        while at < len(data):
            byte = data[at:at + 1]
            if byte == b"\x1b":
                found = SEQUENCE.match(data, at)
                if not found:
                    return data[at:]
                self._sequence(found)
                at = found.end()
                continue
            end = at + 1
            while byte >= b"\xc0" and end < len(data) and data[end] & 0xc0 == 0x80:
                end += 1
            self._character(data[at:end])
            at = end
        return b""

    def _sequence(self, found):
        if found.group(3) is not None:
            self.title = found.group(3).decode("utf-8", "replace")
            return
        value, letter = found.group(1).decode(), found.group(2).decode()
        if letter in "hl" and value in ("?1049", "?25", "?7"):
            (self.modes.add if letter == "h" else self.modes.discard)(value)
            if value == "?1049":
                self.cells, self.row, self.column = {}, 0, 0
        elif letter == "H" and value == "":
            self.row = self.column = 0
        elif letter == "K":
            self.cells[self.row] = self.cells.get(self.row, "")[:self.column]
        elif letter == "J":
            self.drawn += 1
            self.cells = {row: text for row, text in self.cells.items() if row <= self.row}
        elif letter != "m":
            self.strange.append(found.group(0))

    def _character(self, raw):
        if raw == b"\r":
            self.column = 0
        elif raw == b"\n":
            self.row += 1
            if self.row >= self.rows and "?1049" in self.modes:
                self.strange.append(b"scrolled")
        elif raw < b" " or raw == b"\x7f" or (raw[:1] == b"\xc2" and raw[1:] < b"\xa0"):
            self.strange.append(raw)
        elif self.column < self.columns:
            line = self.cells.get(self.row, "").ljust(self.column)
            self.cells[self.row] = line[:self.column] + raw.decode("utf-8", "replace") + line[self.column + 1:]
            self.column += 1


class Person:
    """Somebody at a terminal of their own."""

    def __init__(self, stage, name, link, *options, rows=24, columns=100, play=False):
        self.label, self.written, self.rest = name, b"", b""
        self.screen = Screen(rows, columns)
        self.lock = threading.Lock()
        folder = os.path.join(stage.folder, "clients")
        os.makedirs(folder, exist_ok=True)
        command = [stage.program("client/incamera"), "join", link, "--name", name, "--identity",
                   os.path.join(folder, name + ".identity"), *([] if play else ["--no-play"]), *options]
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            die_with_parent()
            os.environ["TERM"] = "xterm"
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execv(command[0], command)
        self.status = None
        self.before = termios.tcgetattr(self.master)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        stage.programs.append(self)

    def _read(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            with self.lock:
                self.written += data
                self.rest = self.screen.feed(self.rest + data)

    def shown(self):
        with self.lock:
            return self.screen.text()

    def title(self):
        with self.lock:
            return self.screen.title

    def sees(self, *wanted, limit_s=None, gone=()):
        end = time.monotonic() + (limit_s or LIMIT_S)
        while True:
            text = self.shown()
            if all(w in text for w in wanted) and not any(g in text for g in gone):
                return text
            if time.monotonic() > end:
                raise Failure("%s does not see %s%s; the screen:\n%s" % (
                    self.label, wanted, " without %s" % (gone,) if gone else "", text))
            time.sleep(0.02)

    def press(self, keys):
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, rows, columns):
        """What was drawn for the old size may still be on its way, as on any terminal: only what comes once the
        program has drawn again and is quiet at the new size counts as drawn for it."""
        with self.lock:
            self.screen.rows, self.screen.columns, self.screen.cells = rows, columns, {}
            before, drawn = len(self.screen.strange), self.screen.drawn
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        wait_until(lambda: self.screen.drawn > drawn, "%s draws at the new size" % self.label)
        written, end = -1, time.monotonic() + LIMIT_S
        while written != len(self.written) and time.monotonic() < end:
            written = len(self.written)
            time.sleep(0.25)
        with self.lock:
            del self.screen.strange[before:]

    def check_clean(self):
        with self.lock:
            if self.screen.strange:
                raise Failure("the terminal was sent %s" % self.screen.strange[:5])

    def leave(self, limit_s=None):
        """Presses q; the exit status. The terminal must be as it was before."""
        self.press("q")
        status = self.finish(limit_s)
        with self.lock:
            modes = set(self.screen.modes)
        if modes != {"?7", "?25"}:
            raise Failure("the screen was left in modes %s" % modes)
        return status

    def finish(self, limit_s=None):
        end = time.monotonic() + (limit_s or LIMIT_S)
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise Failure("%s does not end; the screen:\n%s" % (self.label, self.shown()))
            else:
                time.sleep(0.02)
        self.reader.join(LIMIT_S)
        return self.status

    def kill(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = -signal.SIGKILL
        self.reader.join(LIMIT_S)  # its descriptor may be another's as soon as it is closed
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
