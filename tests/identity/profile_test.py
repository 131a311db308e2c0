"""A device's profile: key and request made here, a certificate of an authority of one's choice, roots and contacts, with
the key in a file and in a PKCS #11 token; and the meetings that these people then have."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from harness import LIMIT_S, Cases, Failure, Skipped  # noqa: E402

SOFTHSM = next(iter(glob.glob("/usr/lib/*/softhsm/libsofthsm2.so") + glob.glob("/usr/lib/softhsm/libsofthsm2.so")
                    + glob.glob("/usr/lib64/pkcs11/libsofthsm2.so")), None)
PIN = "4711"


def openssl(*arguments, folder, text=None):
    done = subprocess.run(["openssl", *arguments], cwd=folder, input=text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=2 * LIMIT_S)
    if done.returncode:
        raise Failure("openssl %s: %s" % (arguments[0], done.stderr))
    return done.stdout


class Authority:
    """A root and an issuing authority below it, by openssl."""

    def __init__(self, stage, name="Ring CA"):
        self.folder = os.path.join(stage.folder, name.replace(" ", "-"))
        os.makedirs(self.folder)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "root.key",
                "-out", "root.pem", "-days", "3650", "-subj", "/CN=%s" % name, "-addext",
                "keyUsage=critical,keyCertSign,cRLSign", folder=self.folder)
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
                "-out", "ca.csr", "-subj", "/CN=%s People" % name, folder=self.folder)
        self._sign("ca.csr", "root", "ca.pem", 365,
                   "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n")
        self.root = os.path.join(self.folder, "root.pem")

    def _sign(self, request, by, out, days, extensions):
        with open(os.path.join(self.folder, "extensions"), "w") as f:
            f.write(extensions)
        openssl("x509", "-req", "-in", request, "-CA", by + ".pem", "-CAkey", by + ".key", "-CAcreateserial", "-out", out,
                "-days", str(days), "-extfile", "extensions", folder=self.folder)

    def answer(self, request, usage="clientAuth", days=30, constraints="CA:FALSE"):
        """The chain for a request in PEM, the issuing authority first: import has to sort it."""
        with open(os.path.join(self.folder, "request.csr"), "w") as f:
            f.write(request)
        names = re.search(r"X509v3 Subject Alternative Name:\s*\n\s*(.*)",
                          openssl("req", "-in", "request.csr", "-noout", "-text", "-verify", folder=self.folder))
        self._sign("request.csr", "ca", "leaf.pem", days, "basicConstraints=%s\nextendedKeyUsage=%s\n%s" % (
            constraints, usage, "subjectAltName=%s\n" % names.group(1) if names else ""))
        path = os.path.join(self.folder, "answer-%d.pem" % len(os.listdir(self.folder)))
        with open(path, "w") as out:
            for part in ("root.pem", "ca.pem", "leaf.pem"):
                with open(os.path.join(self.folder, part)) as f:
                    out.write(f.read())
        return path


class Person:
    """Somebody with a profile."""

    def __init__(self, stage, name, environment=None):
        self.stage, self.name = stage, name
        self.home = os.path.join(stage.folder, "home-" + name)
        self.environment = dict(environment or {}, INCAMERA_HOME=self.home)

    def run(self, *arguments, check=True, text=None):
        done = subprocess.run([self.stage.program("client/incamera"), "identity", *arguments], input=text, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=2 * LIMIT_S, start_new_session=True,
                              env=dict(os.environ, **self.environment))
        if check and done.returncode:
            raise Failure("identity %s of %s: %s" % (arguments[0], self.name, done.stderr))
        return done

    def refused(self, *arguments, text=None):
        """What is said when it does not work."""
        done = self.run(*arguments, check=False, text=text)
        assert done.returncode in (1, 2), "identity %s of %s worked" % (arguments[0], self.name)
        assert "incamera: " in done.stderr, done.stderr
        return done.stderr

    def show(self):
        return json.loads(self.run("show", "--json").stdout)

    def join(self, link, *options):
        return self.stage.client(self.name, link, *options, environment=self.environment)

    def create_meeting(self, server):
        done = subprocess.run([self.stage.program("client/incamera"), "meeting", "create", "--server", server.url, "--token",
                               server.ready["token"], "--json"], stdout=subprocess.PIPE, text=True, timeout=2 * LIMIT_S, check=True,
                              env=dict(os.environ, **self.environment))
        return json.loads(done.stdout)["url"]


def request_of(person, *options):
    name = person.name.capitalize()
    return person.run("csr", "--name", name, "--email", "%s@ring.example" % person.name, *options).stdout


def an_external_certificate_is_asked_for_and_shown(stage):
    ca, ana, ben = Authority(stage), Person(stage, "ana"), Person(stage, "ben")
    request = request_of(ana, "--organisation", "Ring")
    assert oct(os.stat(os.path.join(ana.home, "identity")).st_mode & 0o777) == "0o600"
    ana.run("import", ca.answer(request))
    seen = ana.show()
    assert seen["certificate"]["state"] == "unverified" and "no authority" in seen["certificate"]["reason"], seen
    ana.run("roots", "add", ca.root)
    seen = ana.show()["certificate"]
    assert seen["state"] == "external" and seen["vouched_by"] == "Ring CA", seen
    assert {"kind": "email", "value": "ana@ring.example"} in seen["names"], seen
    assert {"kind": "uri", "value": "im:ana@ring.example"} in seen["names"], seen
    server = stage.server()
    link = ana.create_meeting(server)
    host = ana.join(link)
    host.enter()
    guest = ben.join(link)  # who has no root for Ana
    host.admit("ben")
    guest.enter()
    assert guest.expect("joined", person="Ana")["person"]["identity"] == "unverified"
    ben.run("roots", "add", ca.root)
    guest.send("leave")
    assert guest.finish() == 0
    since = host.mark()
    guest = ben.join(link)
    host.admit("ben", since=since)
    guest.enter()
    person = guest.expect("joined", person="Ana")["person"]
    assert person["identity"] == "external" and person["vouched_by"] == "Ring CA", person
    assert person["key_hash"] == ana.show()["key_hash"]


def what_cannot_serve_is_refused(stage):
    ca, ana, ben = Authority(stage), Person(stage, "ana"), Person(stage, "ben")
    assert "csr" in ana.refused("import", ca.root), "there is no key yet"
    request = request_of(ana)
    request_of(ben)
    assert "does not certify this device's key" in ben.refused("import", ca.answer(request))
    assert "clientAuth or imUri" in ana.refused("import", ca.answer(request, usage="codeSigning"))
    assert "no certificate in PEM" in ana.refused("import", "-", text="hello")
    assert "nowhere.pem" in ana.refused("import", "/nowhere.pem")
    assert "authority's" in ana.refused("import", ca.answer(request, constraints="critical,CA:TRUE"))
    assert "--name" in ana.refused("csr")
    assert "not well-formed" in ana.refused("csr", "--name", "Ana", "--email", "no address")
    assert "no authority's certificate" in ana.refused("roots", "add", leaf_of(ca.answer(request)))
    assert not os.path.exists(os.path.join(ana.home, "certificate.pem"))
    ana.run("import", ca.answer(request))
    shutil.copy(os.path.join(ana.home, "certificate.pem"), ben.home)
    assert "does not certify" in ben.show()["trouble"]


def leaf_of(path):
    """The last certificate of an answer, alone."""
    with open(path) as f:
        last = f.read().rsplit("-----BEGIN", 1)[1]
    with open(path + ".leaf", "w") as f:
        f.write("-----BEGIN" + last)
    return path + ".leaf"


def roots_come_and_go(stage):
    one, two, ana = Authority(stage), Authority(stage, "House CA"), Person(stage, "ana")
    ana.run("roots", "add", one.root)
    ana.run("roots", "add", two.root)
    ana.run("roots", "add", two.root)  # twice is once
    listed = ana.run("roots").stdout
    assert listed.count("CN=Ring CA") == 1 and listed.count("CN=House CA") == 1, listed
    fingerprint = re.search(r"CN=Ring CA.*\n\s+([0-9a-f]{64})", listed).group(1)
    assert "8 digits" in ana.refused("roots", "remove", fingerprint[:4])
    assert "no root" in ana.refused("roots", "remove", "0123456789")
    ana.run("roots", "remove", fingerprint[:12])
    assert "Ring CA" not in ana.run("roots").stdout and "House CA" in ana.run("roots").stdout


def a_key_in_a_token_signs_in_a_meeting(stage):
    if not SOFTHSM or not shutil.which("softhsm2-util"):
        raise Skipped("there is no SoftHSM here")
    tokens = os.path.join(stage.folder, "tokens")
    os.makedirs(tokens)
    conf = os.path.join(stage.folder, "softhsm2.conf")
    with open(conf, "w") as f:
        f.write("directories.tokendir = %s\nlog.level = ERROR\n" % tokens)
    with open(os.path.join(stage.folder, "pin"), "w") as f:
        f.write(PIN + "\n")
    environment = {"SOFTHSM2_CONF": conf}
    subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "card", "--pin", PIN, "--so-pin", "0815"],
                   env=dict(os.environ, **environment), check=True, stdout=subprocess.DEVNULL, timeout=2 * LIMIT_S)
    uri = "pkcs11:token=card;object=ana?module-path=%s" % SOFTHSM
    with_pin = uri + "&pin-source=file:%s/pin" % stage.folder
    ca, ana = Authority(stage), Person(stage, "ana", environment)
    assert "wants a PIN" in ana.refused("csr", "--name", "Ana", "--pkcs11", uri)
    assert "no private key" in ana.refused("csr", "--name", "Ana", "--pkcs11", with_pin, "--existing")
    request = request_of(ana, "--pkcs11", with_pin)
    assert "already" in ana.refused("csr", "--name", "Ana", "--pkcs11", with_pin)
    with open(os.path.join(ana.home, "identity")) as f:
        kept = f.read()
    assert "pkcs11 pkcs11:token=card" in kept and "private" not in kept, kept
    ana.run("import", ca.answer(request))
    assert ana.show()["token"] == "card"
    server = stage.server()
    link = ana.create_meeting(server)
    host = ana.join(link)
    host.enter()
    ben = Person(stage, "ben")
    ben.run("roots", "add", ca.root)
    guest = ben.join(link)
    host.admit("ben")
    guest.enter()
    assert guest.expect("joined", person="Ana")["person"]["identity"] == "external"
    host.chat("signed on a card")
    guest.expect_line("signed on a card")


def contacts_are_known_again_and_strangers_of_that_name_are_seen(stage):
    ana, ben, eve = Person(stage, "ana"), Person(stage, "ben"), Person(stage, "eve")
    code = ben.show()["key_hash"]
    ana.run("contacts", "add", "ben", " ".join(code[i:i + 4] for i in range(0, 64, 4)))
    assert "64 hexadecimal" in ana.refused("contacts", "add", "ben", "1234")
    server = stage.server()
    link = ana.create_meeting(server)
    host = ana.join(link)
    host.enter()
    guest = ben.join(link)
    assert host.expect("knock", person="ben")["person"]["pinned"] == "match"
    host.admit("ben")
    guest.enter()
    # Eve comes by the same name.
    other = stage.client("ben", link, environment=eve.environment)
    knock = host.expect("knock", person="ben", where=lambda e: e["person"]["pinned"] == "changed")
    host.send("admit", knock=knock["knock"])
    other.enter()
    host.expect("alert", rule="pin-changed")
    # Ben pins by the code.
    guest.expect("joined", person="ana")
    guest.send("pin")
    guest.expect("not_done", where=lambda e: "compare the code" in e["why"])
    guest.send("compared")
    guest.expect("pin_offer", person="ana")
    guest.send("pin")
    guest.expect("identity", person="ana", where=lambda e: e["person"]["pinned"] == "match")
    kept = json.loads(ben.run("contacts", "--json").stdout)["contacts"]
    assert ("ana", "code", ana.show()["key_hash"]) in [(c["name"], c["how"], c["key"]) for c in kept], kept
    ben.run("contacts", "remove", "ana")
    assert "ana" not in ben.run("contacts").stdout


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        an_external_certificate_is_asked_for_and_shown, what_cannot_serve_is_refused, roots_come_and_go,
        a_key_in_a_token_signs_in_a_meeting, contacts_are_known_again_and_strangers_of_that_name_are_seen))
