"""`incamera identity audit` at a real server, and servers that do not deserve it; members of a meeting before a log that
shows them different things."""
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import time
import urllib.request

from acme_kit import openssl_says
from enrol_test import PASSWORD, Admin, secret_file
from harness import Cases, Failure
from log_kit import Head, root_of, sha256, unb64, vector
from profile_test import Person


class Town:
    """A server, and Ana at two devices of hers."""

    def __init__(self, stage):
        self.stage = stage
        self.server = stage.server()
        self.admin = Admin(self.server.ready["https"], self.server.ready["admin_token"])
        self.password = secret_file(stage, "password", PASSWORD)
        self.admin.give_password("ana@example.org", "Ana Ring")

    def person(self, device, email="ana@example.org"):
        p = Person(self.stage, device)
        p.run("enrol", self.server.url, "--email", email, "--password-file", self.password, "--accept-roots")
        return p

    def audit(self, person, want, *options):
        done = person.run("audit", "--json", "--password-file", self.password, *options, check=False)
        if done.returncode != want:
            raise Failure("the audit ends with %d: %s%s" % (done.returncode, done.stdout, done.stderr))
        return json.loads(done.stdout)

    @property
    def database(self):
        return os.path.join(self.server.dir, "data", "identity.db")

    def change(self, sql, *parameters):
        """What whoever runs the server may do to its tables."""
        self.server.stop()
        base = sqlite3.connect(self.database)
        with base:
            base.execute(sql, parameters)
        base.close()
        self.server.start()


def rules(report):
    return [a["rule"] for a in report["alarms"]]


def a_person_reads_every_certificate_in_their_name(stage):
    town = Town(stage)
    laptop = town.person("laptop")
    report = town.audit(laptop, 0)
    assert report["size"] == report["read"] == 1, report
    assert [c["mine"] for c in report["certificates"]] == [True] and not report["alarms"], report
    laptop.run("renew")
    report = town.audit(laptop, 0)
    assert [c["mine"] for c in report["certificates"]] == [True, True] and report["seen_before"], report
    # A stolen session, or the administrator, enrols a device as Ana.
    town.person("thief")
    report = town.audit(laptop, 3)
    stranger = report["certificates"][2]
    assert report["unknown"] == 1 and not stranger["mine"] and "ana@example.org" in stranger["names"], report
    said = laptop.run("audit", "--password-file", town.password, check=False)
    assert said.returncode == 3 and "UNKNOWN" in said.stdout and "tell your administrator" in said.stdout, said.stdout
    assert town.audit(laptop, 0, "--accept")["unknown"] == 0
    assert town.audit(laptop, 0)["certificates"][2]["known"]
    # Somebody else's certificates are nobody else's matter.
    town.admin.give_password("ben@example.org", "Ben Ring")
    assert len(town.audit(town.person("ben", "ben@example.org"), 0)["certificates"]) == 1
    report = town.audit(laptop, 0)
    assert report["size"] == 4 and len(report["certificates"]) == 3, report


def what_a_server_keeps_back_or_changes_shows(stage):
    town = Town(stage)
    laptop = town.person("laptop")
    town.person("thief")
    town.audit(laptop, 3)
    base = sqlite3.connect(town.database)
    certificate, entry, der = base.execute(
        "SELECT certificate, entry, der FROM tlog_entries WHERE place = 1").fetchone()
    base.close()
    # The thief's entry is not handed out any more.
    town.change("DELETE FROM tlog_entries WHERE place = 1")
    assert rules(town.audit(laptop, 3)) == ["log-withholds"]
    # It is there, under labels that are not Ana's.
    other = entry[:-64] + b"".join(sorted([sha256(b"x"), sha256(b"y")]))
    town.change("INSERT INTO tlog_entries(place, certificate, entry, der) VALUES(1, ?, ?, ?)", certificate, other, der)
    report = town.audit(laptop, 3)
    assert "log-root" in rules(report) and len(report["certificates"]) == 1, report
    # The entry is right, and the certificate is another one, or not to be had.
    town.change("UPDATE tlog_entries SET entry = ?, der = (SELECT der FROM tlog_entries WHERE place = 0) WHERE place = 1",
                entry)
    assert rules(town.audit(laptop, 3)) == ["certificate-other"]
    said = laptop.run("audit", "--password-file", town.password, check=False).stdout
    assert "ALARM" in said and "KEPT FROM YOU" in said, said


def a_log_that_starts_anew_is_caught(stage):
    town = Town(stage)
    town.server.stop()
    saved = town.database + ".saved"
    shutil.copy(town.database, saved)
    town.server.start()
    laptop = town.person("laptop")
    town.audit(laptop, 0)
    town.server.kill()
    for end in ("", "-wal", "-shm"):
        if os.path.exists(town.database + end):
            os.remove(town.database + end)
    shutil.copy(saved, town.database)
    os.chmod(town.database, 0o600)
    town.server.start()
    town.person("thief")  # the same length again, other entries
    report = town.audit(laptop, 3)
    assert rules(report)[0] == "log-fork", report


# ---- in a meeting ----

def stolen_key(town, name):
    """A key of the server's for openssl: the path of an ECPrivateKey in DER."""
    with open(os.path.join(town.server.dir, "data", name), encoding="ascii") as f:
        scalar = bytes.fromhex(f.read())
    path = os.path.join(town.stage.folder, name + ".der")
    with open(path, "wb") as f:
        f.write(bytes.fromhex("30310201010420") + scalar + bytes.fromhex("a00a06082a8648ce3d030107"))
    return path


def forged_head(town, stage, size):
    """A second face of the log, by its own key: what it showed somebody the day before."""
    head = Head(unb64(json.loads(ask(town, "head"))["head"]))
    signed = (b"\1" + head.log + struct.pack(">QQ", size, int(time.time() * 1000)) +
              root_of([sha256(b"\0other", bytes([i])) for i in range(size)]))
    key = stolen_key(town, "log.key")
    content = vector(b"MLS 1.0 InCamera Tree Head") + vector(signed)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-keyform", "DER", "-sign", key], input=content,
                               capture_output=True, check=True).stdout
    return signed + vector(signature)


def ask(town, what):
    return json.dumps(town.admin.call("GET", "/log/" + what, prefix="/api/v1/identity"))


def meet(town, host, guest):
    """Both are in; the host's name and the guest's are as their certificates have them."""
    link = host.create_meeting(town.server)
    one = host.join(link)
    one.enter()
    two = guest.join(link)
    one.send("admit", knock=one.expect("knock", person="Ben Ring")["knock"])
    two.enter()
    return one, two


def a_log_with_two_faces_alarms_everybody_in_the_meeting(stage):
    town = Town(stage)
    town.admin.give_password("ben@example.org", "Ben Ring")
    ana, ben = town.person("ana"), town.person("ben", "ben@example.org")
    one, two = meet(town, ana, ben)
    person = two.expect("joined", person="Ana Ring")["person"]
    assert person["identity"] == "internal", person
    assert os.path.exists(os.path.join(ben.home, "heads")), "what the log showed is kept"
    for client in (two, one):
        client.send("leave")
        assert client.finish() == 0
    # What Ben saw of the log before is of the same length as what Ana carries, and not the same.
    staple = Head(unb64(json.loads(ask(town, "head"))["head"]))
    head = forged_head(town, stage, staple.size)
    with open(os.path.join(ben.home, "heads"), "wb") as f:
        f.write(b"\1" + vector(vector(head) + b"\0"))
    one, two = meet(town, ana, ben)
    for client, other in ((one, "Ben Ring"), (two, "Ana Ring")):
        alert = client.expect("alert", rule="log-fork")
        faces = [Head(unb64(h)) for h in alert["heads"]]
        log = town.admin.call("GET", "/trust", prefix="/api/v1/identity")["logs"][0]
        for face in faces:
            face.check(stage.folder, log)
        assert faces[0].size == faces[1].size and faces[0].root != faces[1].root
        client.send("roster")
        people = {p["person"]["name"]: p["person"] for p in client.expect("roster")["people"]}
        assert people[other]["identity"] == "unverified" and people[other]["reason"] == "log-fork", people[other]


def a_certificate_by_the_authoritys_own_key_that_was_never_logged_is_unverified(stage):
    town = Town(stage)
    town.admin.give_password("ben@example.org", "Ben Ring")
    ana, ben, mallory = town.person("ana"), town.person("ben", "ben@example.org"), Person(stage, "mallory")
    request = mallory.run("csr", "--name", "Ana Ring", "--email", "ana@example.org").stdout
    files = {n: os.path.join(stage.folder, n) for n in ("request.pem", "root.pem", "answer.pem", "extensions")}
    root = urllib.request.urlopen(town.server.ready["http"] + "/pki/root.pem").read().decode()
    for name, text in (("request.pem", request), ("root.pem", root), ("extensions", (
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
            "subjectAltName=email:ana@example.org,URI:im:ana@example.org\n"))):
        with open(files[name], "w", encoding="ascii") as f:
            f.write(text)
    leaf = openssl_says("x509", "-req", "-in", files["request.pem"], "-CA", files["root.pem"], "-CAkeyform", "DER", "-CAkey",
                        stolen_key(town, "ca.key"), "-set_serial", "4711", "-days", "3", "-extfile", files["extensions"])
    with open(files["answer.pem"], "w", encoding="ascii") as f:
        f.write(leaf.decode() + root)
    mallory.run("import", files["answer.pem"])
    shutil.copy(os.path.join(ana.home, "staple"), mallory.home)  # Ana's own proof
    link = ben.create_meeting(town.server)
    host = ben.join(link)
    host.enter()
    guest = mallory.join(link)
    knock = host.expect("knock", person="Ana Ring")
    assert knock["person"]["identity"] == "unverified" and knock["person"]["reason"] == "not-logged", knock
    host.send("admit", knock=knock["knock"])
    guest.enter()
    seen = host.expect("joined", person="Ana Ring")["person"]
    assert seen["identity"] == "unverified" and seen["reason"] == "not-logged", seen


if __name__ == "__main__":
    sys.exit(Cases(sys.argv[1], sys.argv[2]).run(
        a_person_reads_every_certificate_in_their_name,
        what_a_server_keeps_back_or_changes_shows,
        a_log_that_starts_anew_is_caught,
        a_log_with_two_faces_alarms_everybody_in_the_meeting,
        a_certificate_by_the_authoritys_own_key_that_was_never_logged_is_unverified))
