"""An account is suspended while its owner sits in a meeting: within a minute every screen says so, and a meeting for verified
people goes on without them."""
import os
import subprocess
import sys
import json

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from enrol_test import Admin, enrol  # noqa: E402
from harness import Cases  # noqa: E402
from profile_test import Person  # noqa: E402


def club_of(person, server):
    """A meeting for whom the organisation's own authority vouches."""
    done = subprocess.run([person.stage.program("client/incamera"), "meeting", "create", "--server", server.url, "--token",
                           server.ready["token"], "--admission", "verified", "--json"], stdout=subprocess.PIPE, text=True,
                          timeout=60, check=True, env=dict(os.environ, **person.environment))
    return json.loads(done.stdout)["url"]


def who_is_suspended_is_revoked_on_every_screen_and_taken_out(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    ana, ben, cyd = (Person(stage, name) for name in ("ana", "ben", "cyd"))
    for person in (ana, ben, cyd):
        enrol(stage, person, server, admin)
    link = club_of(ana, server)
    host, guest, other = ana.join(link), ben.join(link), cyd.join(link)
    for client in (host, guest, other):
        client.enter()  # nobody has to admit anybody
    seen = host.expect("joined", person="Ben Ring")["person"]
    assert (seen["identity"], seen["reason"]) == ("internal", ""), seen
    user = next(u for u in admin.call("GET", "/users")["users"] if u["email"] == "ben@example.org")
    admin.call("POST", "/users/%s/suspend" % user["id"], {})
    for viewer in (host, other):
        now = viewer.expect("identity", person="Ben Ring", why="trust", limit_s=75)["person"]
        assert (now["identity"], now["reason"], now["vouched_by"]) == ("unverified", "revoked", ""), now
    host.expect("alert", rule="certificate-revoked", person="Ben Ring", limit_s=75)
    guest.expect("ended", why="removed-by-host")
    other.expect("left", person="Ben Ring")
    again = ben.join(link)  # barred by its key, whatever its certificate says
    again.expect("waiting")
    assert host.expect("knock", person="Ben Ring")["barred"]


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(who_is_suspended_is_revoked_on_every_screen_and_taken_out))
