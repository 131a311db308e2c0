"""Certificates in a meeting: each viewer sees by the roots that it holds who vouches for whom."""
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time

from harness import FACTOR, LONG_S, ROOT, Cases

PEOPLE = {"ana": "Ana Ring", "ben": "Ben House", "eve": "Ana Ring", "soon": "Soon Over"}


def make_certificates(stage):
    folder = os.path.join(stage.folder, "certs")
    subprocess.run([os.path.join(ROOT, "tests/certs/make"), folder], check=True,
                   env=dict(os.environ, SOON="36000"))
    clients = os.path.join(stage.folder, "clients")
    os.makedirs(clients, exist_ok=True)
    for who in PEOPLE:
        shutil.copy(os.path.join(folder, who + ".identity"), clients)
    return folder


def issue_anew(folder, seconds=20 * FACTOR):
    """`soon` for so long from now on: however long it took to come here."""
    open(os.path.join(folder, "index.txt"), "w").close()
    dates = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + t)) for t in (-3600, seconds)]
    subprocess.run(["openssl", "ca", "-batch", "-notext", "-config", "short.cnf", "-extensions", "leaf", "-cert",
                    "external-root.pem", "-keyfile", "external-root.key", "-in", "soon.csr", "-startdate", dates[0],
                    "-enddate", dates[1], "-out", "soon.pem"], cwd=folder, check=True, capture_output=True)


def options(folder, who=None, external=True, internal=True):
    out = []
    if who:
        out += ["--certificate", os.path.join(folder, who + ".pem")]
    if external:
        out += ["--external-roots", os.path.join(folder, "external-root.pem")]
    if internal:
        out += ["--internal-roots", os.path.join(folder, "internal-root.pem")]
    return out


def state_of(viewer, name, key_of=None):
    """How the viewer sees that person, by name or, of two of one name, by the key."""
    is_it = lambda e: key_of is None or e["person"]["key_hash"] == key_of
    viewer.expect("joined", person=name, where=is_it)  # who enters may know it before the others see it
    seen = viewer.select("joined", person=name, where=is_it)[-1]["person"]
    return seen["identity"], seen["vouched_by"]


def each_viewer_judges_by_its_own_roots(stage):
    folder = make_certificates(stage)
    server = stage.server()
    link = server.create_meeting("ana")
    ana = stage.client("ana", link, *options(folder, "ana"))
    ana.enter()
    ben = stage.client("ben", link, *options(folder, "ben", external=False))
    knock = ana.expect("knock", person="Ben House")
    assert knock["person"]["identity"] == "internal", knock  # in the lobby already
    ana.send("admit", knock=knock["knock"])
    ben.enter()
    cyd = stage.client("cyd", link, *options(folder))
    ana.admit("cyd")
    cyd.enter()
    eve = stage.client("eve", link, *options(folder, "eve"))
    knock = ana.expect("knock", person="Ana Ring")
    assert knock["person"]["identity"] == "unverified" and knock["person"]["certificate"], knock
    ana.send("admit", knock=knock["knock"])
    eve.enter()
    assert state_of(ben, "Ana Ring") == ("unverified", ""), "ben has no root for Ana"
    assert state_of(cyd, "Ben House") == ("internal", "House")
    assert state_of(ana, "cyd") == ("unverified", "")
    anas_key = ana.expect("joined", where=lambda e: e["person"]["self"])["person"]["key_hash"]
    assert state_of(cyd, "Ana Ring", anas_key) == ("external", "Ring CA")
    eves_key = eve.expect("joined", where=lambda e: e["person"]["self"])["person"]["key_hash"]
    cyd.expect("joined", where=lambda e: e["person"]["key_hash"] == eves_key)
    assert state_of(cyd, "Ana Ring", eves_key) == ("unverified", ""), "the same name, nobody's word"


def the_certificate_can_be_looked_at(stage):
    folder = make_certificates(stage)
    server = stage.server()
    link = server.create_meeting("ana")
    ana = stage.client("ana", link, *options(folder, "ana"))
    ana.enter()
    cyd = stage.client("cyd", link, *options(folder, external=False))
    ana.admit("cyd")
    cyd.enter()
    leaf = cyd.expect("joined", person="Ana Ring")["person"]["leaf"]
    cyd.send("certificate", leaf=leaf)
    seen = cyd.expect("certificate", leaf=leaf)["certificate"]
    assert seen["state"] == "unverified" and seen["reason"] == "no-root", seen
    assert seen["subject"] == "CN=Ana Ring, O=Ring" and seen["key"] == "ECDSA P-256", seen
    assert {"kind": "email", "value": "ana@ring.example"} in seen["names"], seen
    assert [c["subject"] for c in seen["chain"]] == ["CN=Ring People, O=Ring", "CN=Ring CA, O=Ring"], seen
    ana.send("certificate", leaf=leaf)
    assert ana.expect("certificate", leaf=leaf)["certificate"]["vouched_by"] == "Ring CA"
    ana.send("certificate", leaf=cyd.expect("joined", where=lambda e: e["person"]["self"])["person"]["leaf"])
    assert "certificate" not in ana.expect("certificate", count=2), "cyd has none"


def verified_people_need_not_compare(stage):
    folder = make_certificates(stage)
    server = stage.server()
    link = server.create_meeting("ana")
    ana = stage.client("ana", link, *options(folder, "ana"))
    ana.enter()
    ben = stage.client("ben", link, *options(folder, "ben"))
    ana.admit("Ben House")
    ben.enter()
    ana.expect("joined", person="Ben House")
    ana.expect("code", epoch=1)
    assert not ana.select("state", state="e2ee_compare"), "both are verified"
    mark = ana.mark()
    cyd = stage.client("cyd", link)
    ana.admit("cyd")
    cyd.enter()
    ana.expect("state", since=mark, state="e2ee_compare")


def a_certificate_that_runs_out_changes_what_is_shown(stage):
    folder = make_certificates(stage)
    server = stage.server()
    link = server.create_meeting("ana")
    ana = stage.client("ana", link, *options(folder, "ana"))
    ana.enter()
    issue_anew(folder)
    soon = stage.client("soon", link, *options(folder, "soon"))
    ana.admit("Soon Over")
    soon.enter()
    assert state_of(ana, "Soon Over") == ("external", "Ring CA")
    changed = ana.expect("identity", person="Soon Over", limit_s=LONG_S)
    assert changed["person"]["identity"] == "unverified", changed
    ana.expect("state", state="e2ee_compare")


def revoke(folder, who, to, by="external-root"):
    """A list of the Ring CA, or the House's; who: None for an empty one."""
    ca = ["openssl", "ca", "-config", "short.cnf", "-cert", by + ".pem", "-keyfile", by + ".key"]
    if who:
        subprocess.run(ca + ["-revoke", who + ".pem"], cwd=folder, check=True, capture_output=True)
    subprocess.run(ca + ["-gencrl", "-crldays", "1", "-out", to + ".new"], cwd=folder, check=True,
                   capture_output=True)
    os.rename(os.path.join(folder, to + ".new"), to)


def a_revocation_in_mid_meeting_is_on_every_screen(stage):
    folder = make_certificates(stage)
    server = stage.server()
    link = server.create_meeting("ana")
    crl = os.path.join(folder, "revoked.crl")
    revoke(folder, None, crl)
    ana = stage.client("ana", link, *options(folder, "ana"), "--crl", crl)
    ana.enter()
    soon = stage.client("soon", link, *options(folder, "soon"))
    ana.admit("Soon Over")
    soon.enter()
    cyd = stage.client("cyd", link, *options(folder), "--crl", crl)
    ana.admit("cyd")
    cyd.enter()
    assert state_of(ana, "Soon Over") == state_of(cyd, "Soon Over") == ("external", "Ring CA")
    revoke(folder, "soon", crl)
    for viewer in (ana, cyd):
        seen = viewer.expect("identity", person="Soon Over", why="trust")["person"]
        assert (seen["identity"], seen["reason"], seen["vouched_by"]) == ("unverified", "revoked", ""), seen
    cyd.expect("state", state="e2ee_compare")
    leaf = cyd.expect("joined", person="Soon Over")["person"]["leaf"]
    cyd.send("certificate", leaf=leaf)
    assert cyd.expect("certificate", leaf=leaf)["certificate"]["reason"] == "revoked"
    bad = stage.client("ben", link, *options(folder, "ben"), "--crl", os.path.join(folder, "ana.pem"))
    assert bad.finish() == 1 and "no list of revoked certificates" in bad.last_words(), bad.last_words()


class Publisher(http.server.BaseHTTPRequestHandler):
    """The organisation's list at /pki/crl.der, in DER."""
    path_of = None

    def do_GET(self):
        with open(Publisher.path_of, "rb") as f:
            body = f.read() if self.path == "/pki/crl.der" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def profile_of(stage, folder, who, crl):
    """As `incamera identity enrol` leaves it."""
    home = os.path.join(stage.folder, "home-" + who)
    os.makedirs(home, mode=0o700, exist_ok=True)
    shutil.copy(os.path.join(folder, who + ".identity"), os.path.join(home, "identity"))
    shutil.copy(os.path.join(folder, who + ".pem"), os.path.join(home, "certificate.pem"))
    with open(os.path.join(folder, "internal-root.pem")) as f:
        trust = {"organisation": "House", "roots": [f.read()], "external_roots": [], "logs": [], "crl": crl, "ocsp": ""}
    with open(os.path.join(home, "trust.json"), "w") as f:
        json.dump(trust, f)
    return home


def the_organisations_own_list_is_fetched(stage):
    folder = make_certificates(stage)
    Publisher.path_of = os.path.join(folder, "house.crl")
    revoke(folder, "ben", os.path.join(folder, "house.pem"), by="internal-root")
    subprocess.run(["openssl", "crl", "-in", "house.pem", "-outform", "DER", "-out", "house.crl"], cwd=folder, check=True)
    web = http.server.HTTPServer(("127.0.0.1", 0), Publisher)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    server = stage.server()
    link = server.create_meeting("ana")
    ana = stage.client("ana", link, *options(folder, "ana"))
    ana.enter()
    home = profile_of(stage, folder, "ben", "http://localhost:%d/pki/crl.der" % web.server_address[1])
    ben = stage.client("ben", link, environment={"INCAMERA_HOME": home})
    ana.admit("Ben House")
    ben.enter()
    own = ben.expect("identity", person="Ben House", why="trust")["person"]  # its own certificate, of all
    assert (own["self"], own["identity"], own["reason"]) == (True, "unverified", "revoked"), own
    assert state_of(ana, "Ben House") == ("internal", "House"), "ana has no list"
    web.shutdown()


def a_certificate_for_another_key_is_refused(stage):
    folder = make_certificates(stage)
    server = stage.server()
    link = server.create_meeting("ana")
    ben = stage.client("ben", link, "--certificate", os.path.join(folder, "ana.pem"))
    assert ben.finish() == 1
    assert "does not certify this device's key" in ben.last_words(), ben.last_words()


def club(stage, folder):
    """A meeting for whom the Ring CA vouches, of which Ana is host."""
    server = stage.server()
    made = server.create("ana", "Club", "--admission", "verified",
                         "--root", os.path.join(folder, "external-root.pem"))
    return made["url"]


def the_organisations_own_authority_is_the_default(stage):
    folder = make_certificates(stage)
    server = stage.server()
    home = profile_of(stage, folder, "ben", "")
    made = stage.run("client/incamera", "meeting", "create", "--server", server.url, "--token", server.ready["token"],
                     "--admission", "verified", "--json", environment={"INCAMERA_HOME": home})
    link = json.loads(made.stdout)["url"]
    ben = stage.client("ben", link, environment={"INCAMERA_HOME": home})
    ben.enter()
    ana = stage.client("ana", link, *options(folder, "ana"))
    assert "none of the authorities" in ana.expect("refused")["text"]


def verified_people_alone_come_in(stage):
    folder = make_certificates(stage)
    link = club(stage, folder)
    ana = stage.client("ana", link, *options(folder, "ana"))
    ana.enter()
    cyd = stage.client("cyd", link, *options(folder))
    assert "no certificate" in cyd.expect("refused", why="refused-not-verified")["text"]
    assert cyd.finish() == 1
    ben = stage.client("ben", link, *options(folder, "ben"))
    assert "none of the authorities" in ben.expect("refused")["text"]  # the organisation's own CA is not listed
    issue_anew(folder)
    soon = stage.client("soon", link, *options(folder, "soon"))
    soon.enter()  # nobody admits: the terms do
    assert not ana.select("knock")
    seen = ana.expect("joined", person="Soon Over")["person"]
    assert (seen["identity"], seen["reason"], seen["pinned"]) == ("external", "", ""), seen
    assert ana.expect("identity", person="Soon Over", limit_s=LONG_S)["person"]["reason"] == "expired"
    soon.expect("alert", rule="certificate-over")
    assert ana.expect("left", person="Soon Over", limit_s=LONG_S)["why"] == "removed-not-verified"
    assert "renew it" in soon.expect("ended")["text"]


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        each_viewer_judges_by_its_own_roots, the_certificate_can_be_looked_at,
        verified_people_need_not_compare, a_certificate_that_runs_out_changes_what_is_shown,
        a_certificate_for_another_key_is_refused,
        a_revocation_in_mid_meeting_is_on_every_screen, the_organisations_own_list_is_fetched,
        the_organisations_own_authority_is_the_default, verified_people_alone_come_in))
