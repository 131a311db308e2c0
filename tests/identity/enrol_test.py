"""Enrolment at a real server: by invitation, password and the organisation's own login; renewal, in a meeting too;
revocation; and what is refused, in words that help."""
import http.client
import json
import os
import pty
import re
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from acme_kit import Dns, Identity  # noqa: E402
from harness import LIMIT_S, LONG_S, Cases, Failure, die_with_parent  # noqa: E402
from oidc_test import Browser, Scene, verified  # noqa: E402
from profile_test import Authority, Person  # noqa: E402

PASSWORD = "correct horse battery staple"


class Admin:
    """The administrators' API of a server."""

    def __init__(self, origin, token):
        self.url, self.token = urllib.parse.urlsplit(origin), token

    def call(self, method, path, body=None, token=None, prefix="/api/v1/admin"):
        if self.url.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=LIMIT_S, context=context)
        else:
            connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=LIMIT_S)
        connection.request(method, prefix + path, None if body is None else json.dumps(body),
                           {"Authorization": "Bearer " + (token or self.token), "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status // 100 != 2:
            raise Failure("%s %s: %d %s" % (method, path, answer.status, text[:300]))
        return json.loads(text) if text else None

    def invite(self, email, name):
        """The invitation's token."""
        user = self.call("POST", "/users", {"email": email, "name": name, "invite": True})
        return user["invitation"]["token"]

    def give_password(self, email, name, password=PASSWORD):
        """As the person would in the browser: signs in by invitation, and chooses one."""
        self.call("PATCH", "/policy", {"passwords": True})
        session = self.call("POST", "/signin/invitation", {"token": self.invite(email, name)}, prefix="/api/v1/identity")
        self.call("POST", "/password", {"new": password}, token=session["token"], prefix="/api/v1/identity")


def secret_file(stage, name, text):
    path = os.path.join(stage.folder, name)
    with open(path, "w") as f:
        f.write(text + "\n")
    return path


def enrol(stage, person, server, admin, *options):
    invitation = admin.invite("%s@example.org" % person.name, person.name.capitalize() + " Ring")
    return person.run("enrol", server.url, "--invitation-file", secret_file(stage, person.name + ".inv", invitation),
                      "--accept-roots", *options)


def an_invitation_ends_in_a_certificate_that_others_verify(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    ana, ben = Person(stage, "ana"), Person(stage, "ben")
    said = enrol(stage, ana, server, admin).stdout
    assert "asks you to trust" in said and "SHA-256" in said and "verified by the organisation" in said, said
    seen = ana.show()["certificate"]
    assert seen["state"] == "internal" and "CN=Ana Ring" in seen["subject"], seen
    assert {"kind": "email", "value": "ana@example.org"} in seen["names"], seen
    for name in ("identity", "enrolment.json", "certificate.pem", "trust.json", "staple"):
        mode = os.stat(os.path.join(ana.home, name)).st_mode & 0o777
        assert mode == 0o600, (name, oct(mode))
    enrol(stage, ben, server, admin)
    link = ana.create_meeting(server)
    host = ana.join(link)
    host.enter()
    guest = ben.join(link)
    knock = host.expect("knock", person="Ben Ring")
    assert knock["person"]["identity"] == "internal", knock
    host.send("admit", knock=knock["knock"])
    guest.enter()
    person = guest.expect("joined", person="Ana Ring")["person"]
    assert person["identity"] == "internal" and person["address"] == "ana@example.org", person
    assert not guest.select("alert"), guest.select("alert")


def a_terminal_asks_and_shows_no_secret(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    admin.give_password("ana@example.org", "Ana Ring")
    invitation = admin.invite("ben@example.org", "Ben Ring")
    for name, answers in (("ben", [("by password): ", invitation), ("[y/N] ", "y")]),
                          ("ana", [("by password): ", ""), ("E-mail address: ", "ana@example.org"),
                                   ("Password of ana@example.org: ", PASSWORD), ("[y/N] ", "y")]),
                          ("eve", [("by password): ", ""), ("E-mail address: ", "ana@example.org"),
                                   ("Password of ana@example.org: ", PASSWORD), ("[y/N] ", "n")])):
        person = Person(stage, name)
        pid, line = pty.fork()
        if pid == 0:
            os.environ.update(person.environment)
            path = stage.program("client/incamera")
            os.execv(path, [path, "identity", "enrol", server.url])
        said = b""
        for question, answer in answers:
            said += read_until(line, question)
            os.write(line, answer.encode() + b"\n")
        said += read_until(line, None)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(line)
        assert PASSWORD.encode() not in said and invitation.encode() not in said, "a secret was shown"
        assert (status == 0) == (name != "eve"), said.decode()
        assert os.path.exists(os.path.join(person.home, "certificate.pem")) == (name != "eve")


def read_until(line, words):
    """What the terminal says up to these words; None: to the end."""
    said = b""
    while words is None or words.encode() not in said:
        try:
            more = os.read(line, 4096)
        except OSError:
            more = b""
        if not more:
            break
        said += more
    return said


def a_password_serves_as_well(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    admin.give_password("ana@example.org", "Ana Ring")
    ana = Person(stage, "ana")
    ana.run("enrol", server.url, "--email", "ana@example.org", "--password-file",
            secret_file(stage, "password", PASSWORD), "--accept-roots")
    assert ana.show()["certificate"]["state"] == "internal"
    with open(os.path.join(ana.home, "enrolment.json")) as f:
        kept = f.read()
    assert PASSWORD not in kept and "ics_" not in kept, "nothing of the sign-in is kept"
    ana.run("renew")
    assert ana.show()["certificate"]["state"] == "internal"


def the_organisations_own_login_serves_in_a_browser(stage):
    scene = Scene(stage, {"ana-1": verified("example.org", "ana")})
    server = scene.house.server
    Admin(server.ready["https"], server.ready["admin_token"]).invite("ana@example.org", "Ana Ring")
    ana = Person(stage, "ana")
    terminal = subprocess.Popen([stage.program("client/incamera"), "identity", "enrol", server.url, "--browser", "--provider",
                                 str(scene.terminal), "--accept-roots"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env=dict(os.environ, **ana.environment), preexec_fn=die_with_parent)
    said = ""
    while "Waiting" not in said:
        line = terminal.stdout.readline()
        if not line:
            raise Failure("enrol --browser ended: %s" % terminal.stderr.read())
        said += line
    url = re.search(r"^  (http\S+)$", said, re.M).group(1)
    redirect = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["redirect_uri"][0]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/signin", redirect), redirect
    for path in ("/favicon.ico", "/signin", "/signin?code=%zz&state=x", "/signin?state=x"):  # none of them ends it
        try:
            urllib.request.urlopen(urllib.parse.urljoin(redirect, path), timeout=LIMIT_S)
            raise Failure("%s is answered" % path)
        except urllib.error.HTTPError as refused:
            assert refused.code in (400, 404), refused
    back = Browser("ana-1").sign_in(url, redirect)
    with urllib.request.urlopen("%s?%s" % (redirect, urllib.parse.urlencode(back)), timeout=LIMIT_S) as page:
        assert "You are signed in" in page.read().decode()
    out, err = terminal.communicate(timeout=LONG_S)
    assert terminal.returncode == 0, err
    assert ana.show()["certificate"]["state"] == "internal", out


def renewal_and_revocation(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    ana = Person(stage, "ana")
    enrol(stage, ana, server, admin)
    first = ana.show()["certificate"]
    ana.run("renew")
    second = ana.show()["certificate"]
    assert second["serial"] != first["serial"] and second["names"] == first["names"], second
    assert "--yes" in ana.refused("revoke"), "there is no terminal to ask at"
    ana.run("revoke", "--yes")
    assert "certificate" not in ana.show()
    listed = {c["serial"]: c for c in admin.call("GET", "/certificates")["certificates"]}
    assert listed[second["serial"]]["revoked"] and not listed[first["serial"]].get("revoked"), listed
    assert "no certificate" in ana.refused("revoke", "--yes")


def what_is_refused_is_said(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    ana = Person(stage, "ana")
    invitation = admin.invite("ana@example.org", "Ana Ring")
    kept = secret_file(stage, "inv", invitation)
    nobody = secret_file(stage, "nobody", "icv_" + "A" * 43)
    assert "plain http" in ana.refused("enrol", "http://example.org")
    assert "looks like https" in ana.refused("enrol", "nonsense")
    assert "cannot be reached" in ana.refused("enrol", "https://localhost:1", "--invitation-file", kept)
    other = "%s#c=%s" % (server.ready["https"], "A" * 43)
    assert "not the one that the link names" in ana.refused("enrol", other, "--invitation-file", kept)
    refused = ana.refused("enrol", server.url, "--invitation-file", nobody, "--accept-roots")
    assert "invitation" in refused, refused
    assert "not agreed to" in ana.refused("enrol", server.url, "--invitation-file", kept), "nobody is there to ask"
    assert not os.path.exists(os.path.join(ana.home, "trust.json"))
    # The invitation was used up by that.
    again = ana.refused("enrol", server.url, "--invitation-file", kept, "--accept-roots")
    assert "invitation" in again, again
    assert "--password-file" in ana.refused("enrol", server.url, "--email", "ana@example.org")
    wrong = ana.refused("enrol", server.url, "--email", "ana@example.org", "--password-file",
                        secret_file(stage, "wrong", "wrong horse"), "--accept-roots")
    unknown = ana.refused("enrol", server.url, "--email", "eve@example.org", "--password-file",
                          secret_file(stage, "wrong", "wrong horse"), "--accept-roots")
    assert wrong == unknown, "who is known is not told: %r %r" % (wrong, unknown)
    assert "not enrolled" in ana.refused("renew") and "not enrolled" in ana.refused("revoke", "--yes")


def a_change_of_logs_and_lists_needs_consent(ana, trust, now):
    """As if she had agreed to other ones; each change is shown, and nothing is taken."""
    other_log = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
    for change, words in (({"crl": "https://ring.example/old.crl"},
                           ["NEW: Revocation list %s" % now["crl"], "GONE: Revocation list https://ring.example/old.crl"]),
                          ({"crl": ""}, ["NEW: Revocation list"]),
                          ({"ocsp": "https://ring.example/o"}, ["GONE: Revocation answers (OCSP) https://ring.example/o"]),
                          ({"logs": [{"key": other_log, "sig": now["logs"][0]["sig"]}]}, ["NEW: Log", "GONE: Log"]),
                          ({"logs": []}, ["NEW: Log"])):
        with open(trust, "w") as f:
            json.dump(dict(now, **change), f)
        said = ana.run("renew", check=False)
        assert said.returncode == 1 and "not agreed to" in said.stderr, (change, said)
        assert all(w in said.stdout for w in words), (change, said.stdout)
    with open(trust, "w") as f:
        json.dump(now, f)
    ana.run("renew")


def a_change_of_roots_needs_consent(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    ana = Person(stage, "ana")
    partner = Authority(stage, "Partner CA")
    with open(partner.root) as f:
        pem = f.read()
    admin.call("POST", "/roots", {"pem": pem, "name": "Partner"})
    said = enrol(stage, ana, server, admin).stdout
    assert "Partner CA (of others, which your organisation accepts)" in said, said
    ana.run("renew")  # nothing changed, nothing is asked
    trust = os.path.join(ana.home, "trust.json")
    with open(trust) as f:
        agreed = json.load(f)
    assert len(agreed["external_roots"]) == 1 and len(agreed["roots"]) == 1
    other = dict(agreed, roots=[pem])  # as if Ana had agreed to another authority than the server has now
    with open(trust, "w") as f:
        json.dump(other, f)
    said = ana.run("renew", check=False)
    assert said.returncode == 1 and "not agreed to" in said.stderr, said
    assert "NEW: In Camera CA" in said.stdout and "GONE: Partner CA" in said.stdout, said.stdout
    with open(trust) as f:
        assert json.load(f) == other
    ana.run("renew", "--accept-roots")
    with open(trust) as f:
        now = json.load(f)
    a_change_of_logs_and_lists_needs_consent(ana, trust, now)
    assert now["roots"] == agreed["roots"] and now["external_roots"] == agreed["external_roots"]


def suspended_people_renew_no_longer(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    ana = Person(stage, "ana")
    enrol(stage, ana, server, admin)
    user = next(u for u in admin.call("GET", "/users")["users"] if u["email"] == "ana@example.org")
    admin.call("POST", "/users/%s/suspend" % user["id"], {})
    assert ana.refused("renew")
    assert ana.show()["certificate"]["state"] == "internal", "what is here stays; others see the list"


class ShortLived(Identity):
    """An identity service whose certificates live for a minute, with a domain of its organisation's."""

    def __init__(self, stage, seconds, domain="ring.example"):
        dns = Dns()
        super().__init__(stage, dns, person_certificate_s=seconds)
        stage.programs.append(self)
        made = stage.run("server/incamerad", "--config", self.config, "--admin-token", "Ring")
        self.url, self.domain = self.base, domain
        self.admin = Admin(self.base, re.search(r"ica_[\w-]+", made.stdout).group(0))
        proof = self.admin.call("POST", "/domains", {"name": domain})["proof"]
        dns.texts[proof["txt_name"]] = [proof["txt_value"]]
        assert self.admin.call("POST", "/domains/%s/verify" % domain, {})["verified"]


def a_certificate_is_renewed_in_mid_meeting(stage):
    identity = ShortLived(stage, 60)
    ana, ben = Person(stage, "ana"), Person(stage, "ben")
    for person in (ana, ben):
        invitation = identity.admin.invite("%s@%s" % (person.name, identity.domain), person.name.capitalize())
        person.run("enrol", identity.url, "--invitation-file", secret_file(stage, person.name, invitation),
                   "--accept-roots")
    server = stage.server()
    link = ana.create_meeting(server)
    host = ana.join(link)
    host.enter()
    guest = ben.join(link)
    host.admit("Ben")
    guest.enter()
    began = time.monotonic()
    first = ana.show()["certificate"]["serial"]
    guest.expect("identity", person="Ana", why="renewed", limit_s=LONG_S)
    assert ana.show()["certificate"]["serial"] != first
    mark = guest.mark()
    guest.send("renew")  # asked for
    host.expect("identity", person="Ben", why="renewed")
    time.sleep(max(0, 63 - (time.monotonic() - began)))  # by now the first ones are over
    for viewer, other in ((guest, "Ana"), (host, "Ben")):
        bad = viewer.select("identity", where=lambda e: e["person"]["identity"] != "internal", person=other)
        assert not bad, bad
    assert not guest.select("state", since=mark, state="e2ee_compare")


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        an_invitation_ends_in_a_certificate_that_others_verify, a_terminal_asks_and_shows_no_secret,
        a_password_serves_as_well, renewal_and_revocation, the_organisations_own_login_serves_in_a_browser,
        what_is_refused_is_said, a_change_of_roots_needs_consent, suspended_people_renew_no_longer,
        a_certificate_is_renewed_in_mid_meeting))
