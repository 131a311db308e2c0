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
