"""examples.py NAME PROGRAM...: runs examples of the guide, and looks at what they say.

Imported by installed.py, which runs the same programs as built against the installed library.
"""
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
import tty

LIMIT_S = 60 * float(os.environ.get("IC_TIME_FACTOR", "1"))


def fail(why):
    raise AssertionError(why)


class Typist:
    """Somebody in the room, before a terminal: what goes to one is not kept back."""

    def __init__(self, program, name, room, env):
        self.screen, line = pty.openpty()
        tty.setraw(line)
        self.name, self.shown = name, ""
        self.process = subprocess.Popen([program, name], cwd=room, env=env, stdin=subprocess.PIPE, stdout=line,
                                        stderr=subprocess.PIPE, text=True)
        os.close(line)

    def types(self, line):
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def sees(self, wanted):
        """wanted: all that there is until then; None: to the end."""
        until = time.monotonic() + LIMIT_S
        while self.shown != wanted:
            if not select.select([self.screen], [], [], max(0, until - time.monotonic()))[0]:
                fail("%s sees %r, not %r" % (self.name, self.shown, wanted))
            try:
                more = os.read(self.screen, 4096).decode()
            except OSError:  # it has ended
                more = ""
            if not more and wanted is None:
                return
            if not more:
                fail("%s sees %r, not %r: %s" % (self.name, self.shown, wanted, self.process.stderr.read()))
            self.shown += more

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.screen)


def second(program, room, env):
    """The first one has a socket before it listens there: who comes in between is turned away, and comes again."""
    for _ in range(50):
        ben = Typist(program, "ben", room, env)
        try:
            ben.process.wait(0.3)
        except subprocess.TimeoutExpired:
            return ben
        ben.end()
    return fail("the second one does not come in")


def chat(program, env):
    """Two processes: each reads what the other types, and knows who it was."""
    with tempfile.TemporaryDirectory() as room:
        ana = Typist(program, "ana", room, env)
        people = [ana]
        try:
            until = time.monotonic() + LIMIT_S
            while not os.path.exists(os.path.join(room, "chat.socket")):
                if time.monotonic() > until or ana.process.poll() is not None:
                    fail("the first one does not wait")
                time.sleep(0.01)
            ben = second(program, room, env)
            people.append(ben)
            ben.types("is anybody there?\n")
            ana.sees("ben: is anybody there?\n")
            ana.types("only me\n")
            ben.sees("ana: only me\n")
            ben.process.stdin.close()  # Ben leaves; Ana sees his end of the socket close
            for person in people:
                person.process.wait(LIMIT_S)
                person.sees(None)
            if (ana.shown, ben.shown) != ("ben: is anybody there?\n", "ana: only me\n"):
                fail("they see %r and %r" % (ana.shown, ben.shown))
        finally:
            for person in people:
                person.end()


def plain(program, env):
    """A program that plays all parts itself: it ends well, and every line it promises is there."""
    done = subprocess.run([program], env=env, capture_output=True, text=True, timeout=LIMIT_S)
    if done.returncode != 0 or "ok" not in done.stdout.splitlines()[-1:]:
        fail("exit status %d: %s%s" % (done.returncode, done.stdout, done.stderr))


made = {}  # example -> the program that ran last: the observer looks at what another left


def observer(program, env):
    """It follows a commit that is genuine, and refuses one that was changed."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([made["external_join"], folder], env=env, check=True, stdout=subprocess.DEVNULL)
        info, commit = folder + "/group_info", folder + "/commit"
        good = subprocess.run([program, info, commit], env=env, capture_output=True, text=True, timeout=LIMIT_S)
        if good.returncode != 0 or not good.stdout.endswith("epoch 1\nok\n"):
            fail("of a good commit it says %r %r" % (good.stdout, good.stderr))
        with open(commit, "r+b") as spoilt:
            spoilt.seek(-80, os.SEEK_END)
            middle = spoilt.read(1)[0]
            spoilt.seek(-80, os.SEEK_END)
            spoilt.write(bytes([middle ^ 1]))
        bad = subprocess.run([program, info, commit], env=env, capture_output=True, text=True, timeout=LIMIT_S)
        if bad.returncode != 1 or not bad.stdout.endswith("epoch 0\nrefused\n"):
            fail("of a bad commit it says %r" % bad.stdout)


def openssl(*arguments):
    return subprocess.run(("openssl",) + arguments, check=True, capture_output=True, timeout=LIMIT_S).stdout


def certify(folder, name, issuer):
    """NAME.der and NAME.key; of an authority, NAME.pem as well."""
    own = os.path.join(folder, name)
    openssl("genpkey", "-algorithm", "ed25519", "-out", own + ".key.pem")
    subject = ["-new", "-key", own + ".key.pem", "-subj", "/CN=" + name]
    if issuer:
        with open(own + ".ext", "w", encoding="utf-8") as extensions:
            extensions.write("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n")
        openssl("req", *subject, "-out", own + ".csr")
        openssl("x509", "-req", "-in", own + ".csr", "-days", "2", "-extfile", own + ".ext", "-out", own + ".pem",
                "-CA", os.path.join(folder, issuer + ".pem"), "-CAkey", os.path.join(folder, issuer + ".key.pem"),
                "-CAcreateserial")
    else:
        openssl("req", "-x509", *subject, "-days", "2", "-out", own + ".pem",
                "-addext", "keyUsage=critical,keyCertSign")
    openssl("x509", "-in", own + ".pem", "-outform", "DER", "-out", own + ".der")
    with open(own + ".key", "wb") as raw:  # RFC 8410: the seed is what PKCS #8 ends with
        raw.write(openssl("pkey", "-in", own + ".key.pem", "-outform", "DER")[-32:])


def x509(program, env):
    """Two with certificates of one root meet; a third of another root is refused, and that is said."""
    with tempfile.TemporaryDirectory() as folder:
        for name, issuer in (("root", None), ("other", None), ("ana", "root"), ("ben", "root"),
                             ("mallory", "other")):
            certify(folder, name, issuer)
        done = subprocess.run([program, folder], env=env, capture_output=True, text=True, timeout=LIMIT_S)
        if done.returncode != 0 or not done.stdout.endswith("ok\n") or "5.3.1" not in done.stdout:
            fail("exit status %d: %s%s" % (done.returncode, done.stdout, done.stderr))


def run(name, program, env=None):
    """None where all is well, else what is not."""
    made[name] = os.path.abspath(program)
    try:
        {"chat": chat, "observer": observer, "x509": x509}.get(name, plain)(made[name], env)
    except (AssertionError, OSError, subprocess.SubprocessError) as fault:
        return str(fault) or repr(fault)
    return None


def main():
    pairs = list(zip(sys.argv[1::2], sys.argv[2::2]))
    failed = 0
    for name, program in pairs:
        fault = run(name, program)
        print("%s %s%s" % ("FAIL" if fault else "ok  ", name, ": " + fault if fault else ""))
        failed += bool(fault)
    print("%d passed, %d failed" % (len(pairs) - failed, failed))
    return 1 if failed or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
