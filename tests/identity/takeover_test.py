"""An organisation's sign-in provider is taken over: whoever did it signs in as Ana and enrols a key of its own. What the others
see then, in the meeting: neither a pinned nor an externally verified Ana."""
import http.client
import json
import os
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from enrol_test import Admin, enrol  # noqa: E402
from harness import LIMIT_S, LONG_S, Cases, Failure  # noqa: E402
from oidc_test import Browser, Scene  # noqa: E402
from profile_test import Authority, Person, request_of  # noqa: E402


class Organisation:
    """A real server, and a real provider that says of `mallory` whatever it is told to."""

    def __init__(self, stage):
        self.scene = Scene(stage, {"mallory": {"email": "ana@example.org", "email_verified": True}})
        self.server = self.scene.house.server
        self.admin = Admin(self.server.ready["https"], self.server.ready["admin_token"])
        self.scene.house.allow(oidc_links_email=True)


def enrol_by_browser(person, organisation, login):
    command = [person.stage.program("client/incamera"), "identity", "enrol", organisation.server.url, "--browser",
               "--provider", str(organisation.scene.terminal), "--accept-roots"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               stdin=subprocess.DEVNULL, env=dict(os.environ, **person.environment))
    said = ""
    for line in running.stdout:
        said += line
        if line.strip().startswith("http"):
            break
    url = line.strip()
    back = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["redirect_uri"][0]
    query = Browser(login).sign_in(url, back)
    there = urllib.parse.urlsplit(back)
    c = http.client.HTTPConnection(there.hostname, there.port, timeout=LIMIT_S)
    c.request("GET", there.path + "?" + urllib.parse.urlencode(query))
    c.getresponse().read()
    said += running.stdout.read()
    if running.wait(LONG_S):
        raise Failure("%s does not enrol: %s" % (person.name, said))


def meet(stage, organisation, host_is, *options):
    link = host_is.create_meeting(organisation.server)
    host = host_is.join(link, *options)
    host.enter()
    return link, host


def admit(host, guest, name):
    knock = host.expect("knock", person=name)
    host.send("admit", knock=knock["knock"])
    guest.enter()
    return host.expect("joined", person=name)["person"]


def whoever_takes_over_the_sign_in_is_not_the_one_who_is_pinned(stage):
    organisation = Organisation(stage)
    ana, ben, mallory = Person(stage, "ana"), Person(stage, "ben"), Person(stage, "mallory")
    for person in (ana, ben):
        enrol(stage, person, organisation.server, organisation.admin)
    link, host = meet(stage, organisation, ben)
    guest = ana.join(link)
    seen = admit(host, guest, "Ana Ring")
    assert (seen["identity"], seen["pinned"]) == ("internal", ""), seen
    host.send("compared")  # they read the code to each other, once
    assert host.expect("pin_offer")["person"]["key_hash"] == seen["key_hash"]
    host.send("pin")
    assert host.expect("identity", person="Ana Ring", why="pin")["person"]["pinned"] == "match"
    host.send("leave")
    assert host.finish() == 0

    enrol_by_browser(mallory, organisation, "mallory")
    shown = mallory.show()["certificate"]
    assert shown["state"] == "internal" and {"kind": "email", "value": "ana@example.org"} in shown["names"], \
        "the organisation's CA was deceived: %s" % shown
    link, host = meet(stage, organisation, ben)
    false_ana = mallory.join(link)
    knock = host.expect("knock", person="Ana Ring")["person"]
    assert knock["pinned"] == "changed", knock  # before admission
    false = admit(host, false_ana, "Ana Ring")
    assert false["key_hash"] != seen["key_hash"] and false["pinned"] == "changed", false
    host.expect("alert", rule="pin-changed", person="Ana Ring")
    host.expect("state", state="e2ee_compare")
    true_ana = ana.join(link)  # the true one comes too
    knock = host.expect("knock", where=lambda e: e["person"]["key_hash"] == seen["key_hash"])
    host.send("admit", knock=knock["knock"])
    true_ana.enter()
    true = host.expect("joined", where=lambda e: e["person"]["key_hash"] == seen["key_hash"])["person"]
    assert true["pinned"] == "match", true


def whoever_takes_over_the_sign_in_is_not_externally_verified(stage):
    organisation = Organisation(stage)
    ring = Authority(stage)
    ana, ben, mallory = Person(stage, "ana"), Person(stage, "ben"), Person(stage, "mallory")
    enrol(stage, ben, organisation.server, organisation.admin)
    organisation.admin.invite("ana@example.org", "Ana")
    ana.run("import", ring.answer(request_of(ana)))  # a certificate that her own key came by elsewhere
    ben.run("roots", "add", ring.root)
    enrol_by_browser(mallory, organisation, "mallory")
    link, host = meet(stage, organisation, ben)
    seen = admit(host, ana.join(link), "Ana")
    assert (seen["identity"], seen["vouched_by"]) == ("external", "Ring CA"), seen
    false_ana = mallory.join(link)
    knock = host.expect("knock", where=lambda e: e["person"]["key_hash"] != seen["key_hash"])
    assert knock["person"]["identity"] == "internal", knock
    host.send("admit", knock=knock["knock"])
    false_ana.enter()
    host.expect("joined", where=lambda e: e["person"]["key_hash"] == knock["person"]["key_hash"])
    keys = {p["key_hash"]: p["identity"] for p in (e["person"] for e in host.select("joined"))}
    assert sorted(keys.values()) == ["external", "internal", "internal"], keys
    false_ana.send("leave")

    # Where the Ring CA alone vouches for members, the false one does not even come in.
    made = stage.run("client/incamera", "meeting", "create", "--server", organisation.server.url, "--token",
                     organisation.server.ready["token"], "--admission", "verified", "--root", ring.root, "--json",
                     environment=ana.environment)
    link = json.loads(made.stdout)["url"]
    ana.join(link).enter()
    refused = mallory.join(link)
    assert refused.expect("refused")["why"] == "refused-not-verified"


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        whoever_takes_over_the_sign_in_is_not_the_one_who_is_pinned,
        whoever_takes_over_the_sign_in_is_not_externally_verified))
