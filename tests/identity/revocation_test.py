"""An account is suspended while its owner sits in a meeting: within a minute every screen says so, and a meeting for verified
people goes on without them."""
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from enrol_test import Admin, enrol  # noqa: E402
from harness import LIMIT_S, Cases  # noqa: E402
from profile_test import Person  # noqa: E402


def club_of(person, server):
    """A meeting for whom the organisation's own authority vouches."""
    done = subprocess.run([person.stage.program("client/incamera"), "meeting", "create", "--server", server.url, "--token",
                           server.ready["token"], "--admission", "verified", "--json"], stdout=subprocess.PIPE, text=True,
                          timeout=LIMIT_S, check=True, env=dict(os.environ, **person.environment))
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
        now = viewer.expect("identity", person="Ben Ring", why="trust", limit_s=90)["person"]
        assert (now["identity"], now["reason"], now["vouched_by"]) == ("unverified", "revoked", ""), now
    host.expect("alert", rule="certificate-revoked", person="Ben Ring", limit_s=90)
    guest.expect("ended", why="removed-by-host")
    other.expect("left", person="Ben Ring")
    again = ben.join(link)  # barred by its key, whatever its certificate says
    again.expect("waiting")
    assert host.expect("knock", person="Ben Ring")["barred"]


def lists_at(stage, list_of):
    """The address at which a hostile server keeps the newest list back: (status, body) by list_of."""
    class Hostile(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = list_of()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http://127.0.0.1:%d/crl.der" % server.server_address[1]


def read(path, mode="rb"):
    with open(path, mode) as f:
        return f.read()


def who_was_revoked_stays_so_over_a_restart_when_the_server_keeps_the_list_back(stage):
    server = stage.server()
    admin = Admin(server.ready["https"], server.ready["admin_token"])
    ana, ben = Person(stage, "ana"), Person(stage, "ben")
    for person in (ana, ben):
        enrol(stage, person, server, admin)
    crl = lambda: urllib.request.urlopen(server.ready["http"] + "/pki/crl.der", timeout=LIMIT_S).read()  # noqa: E731
    old = crl()
    answers, asked = [(200, crl)], []

    def answer():
        asked.append(answers[-1][0])
        return answers[-1][0], answers[-1][1]()

    trust = os.path.join(ana.home, "trust.json")
    agreed = json.loads(read(trust))
    with open(trust, "w") as f:
        json.dump(dict(agreed, crl=lists_at(stage, answer)), f)
    user = next(u for u in admin.call("GET", "/users")["users"] if u["email"] == "ben@example.org")
    admin.call("POST", "/users/%s/suspend" % user["id"], {})
    kept = os.path.join(ana.home, "revoked.pem")
    host = ana.join(ana.create_meeting(server))
    host.enter()
    until(lambda: os.path.exists(kept), "the list is kept")
    assert os.stat(kept).st_mode & 0o777 == 0o600
    newest = read(kept)
    host.send("leave")
    host.finish()
    for hostile in ((503, lambda: b""), (200, lambda: old)):
        answers.append(hostile)
        asked.clear()
        link = ana.create_meeting(server)
        host = ana.join(link)
        host.enter()
        until(lambda: asked, "the list is asked for")
        guest = ben.join(link)
        knock = host.expect("knock", person="Ben Ring")["person"]
        assert (knock["identity"], knock["reason"]) == ("unverified", "revoked"), knock
        assert read(kept) == newest, "an older list took the newest one's place"
        guest.send("leave")
        host.send("leave")
        host.finish()  # it asks for no list any more


def until(what, words, limit_s=LIMIT_S):
    end = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end, words
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        who_is_suspended_is_revoked_on_every_screen_and_taken_out,
        who_was_revoked_stays_so_over_a_restart_when_the_server_keeps_the_list_back))
