"""examples.py NAME PROGRAM...: runs examples of the guide, and looks at what they say.

Imported by installed.py, which runs the same programs as built against the installed library.
"""
import os
import subprocess
import sys
import tempfile
import time

LIMIT_S = 30


def fail(why):
    raise AssertionError(why)


def chat(program, env):
    """Two processes: each reads what the other types, and knows who it was."""
    with tempfile.TemporaryDirectory() as room:
        def join(name):
            return subprocess.Popen([program, name], cwd=room, env=env, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        ana = join("ana")
        until = time.monotonic() + LIMIT_S
        while not os.path.exists(os.path.join(room, "chat.socket")):
            if time.monotonic() > until or ana.poll() is not None:
                ana.kill()
                fail("the first one does not wait: " + ana.communicate()[1])
            time.sleep(0.01)
        ben = join("ben")
        try:
            for person, line in ((ben, "is anybody there?\n"), (ana, "only me\n")):
                person.stdin.write(line)
                person.stdin.flush()
                time.sleep(0.2)
            ben.stdin.close()  # Ben leaves; Ana sees his end of the socket close
            ben.stdin = None
            said = [p.communicate(timeout=LIMIT_S) for p in (ana, ben)]
        finally:
            for p in (ana, ben):
                p.kill()
                p.wait()
    heard = [out for out, _ in said]
    if heard != ["ben: is anybody there?\n", "ana: only me\n"]:
        fail("heard %r, errors %r" % (heard, [err for _, err in said]))


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


def run(name, program, env=None):
    """None where all is well, else what is not."""
    made[name] = os.path.abspath(program)
    try:
        {"chat": chat, "observer": observer}.get(name, plain)(made[name], env)
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
