"""The administrators' API over real HTTP: every operation, every answer held against the OpenAPI document."""
import http.server
import os
import ssl
import subprocess
import sys
import threading
import time

from acme_kit import Dns, free_port
from admin_kit import Admin
from harness import Cases, Failure

HOSTILE = [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"name":1}', b'{"name":"a","name":"b"}', b"{}" * 3,
           b'{"name":' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"name":"' + b"x" * 100000 + b'"}',
           b'{"name":"\\u0000"}', b'{"__proto__":{}}', b'{"email":"a@example.org\\r\\nX: y","name":"x"}']


def service_of(stage, **options):
    dns = Dns()
    service = Admin(stage, dns, **options)
    service.dns = dns
    return service


def every_operation(stage):
    s = service_of(stage)
    assert s.call("GET", "/organisation")["name"] == "Example GmbH"
    s.domain()
    assert s.call("GET", "/domains/example.org")["verified"]
    ana = s.call("POST", "/users", {"email": "Ana@example.org", "name": "Ana", "invite": True}, 201)
    assert ana["email"] == "ana@example.org" and ana["invitation"]["token"] in ana["invitation"]["url"]
    s.call("POST", "/users", {"email": "o'neil+x@example.org", "name": "Ó Néill <b>"}, 201)
    assert s.call("GET", "/users/o'neil%2Bx@example.org")["name"] == "Ó Néill <b>"
    page = s.call("GET", "/users?limit=1")
    assert [u["email"] for u in page["users"]] == ["ana@example.org"]
    page = s.call("GET", "/users?limit=1&after=" + page["next"])
    assert [u["email"] for u in page["users"]] == ["o'neil+x@example.org"] and "next" not in page
    assert s.call("PATCH", "/users/" + ana["id"], {"name": "Ana Weber"})["name"] == "Ana Weber"
    s.call("POST", "/users/ana@example.org/invitation", None, 201)
    assert s.call("POST", "/users/ana@example.org/suspend")["user"]["state"] == "suspended"
    assert s.call("POST", "/users/ana@example.org/resume")["state"] != "suspended"
    done = s.csv("/users/import?dry_run=true", "email,name\nben@example.org,Ben\n")
    assert done["created"] == 1 and s.call("GET", "/users/ben@example.org", None, 404)
    done = s.csv("/users/import", "email,name\nben@example.org,Ben\nx,y\n")
    assert done["created"] == 1 and done["failed"] == 1 and done["rows"][1]["line"] == 3
    assert s.raw("GET", "/users/export")[1].count(b"\r\n") == 4
    s.call("DELETE", "/users/ben@example.org", None, 204)
    policy = s.call("PATCH", "/policy", {"passwords": True, "person_certificate_s": 3600})
    assert policy["passwords"] and s.call("GET", "/policy") == policy
    provider = s.call("POST", "/providers", {"name": "Login", "issuer": "https://login.example.org",
                                             "client_id": "c", "secret": "hidden"}, 201)
    assert "hidden" not in str(s.call("GET", "/providers"))
    s.call("DELETE", "/providers/%d" % provider["id"], None, 204)
    root = s.call("POST", "/roots", {"pem": root_pem(stage), "name": "Trust centre"}, 201)
    assert s.call("POST", "/roots", {"pem": root["pem"]}) == root
    assert s.call("GET", "/roots")["roots"] == [root]
    s.call("DELETE", "/roots/" + root["fingerprint"], None, 204)
    token = s.call("POST", "/tokens", {"name": "t", "scopes": ["audit"]}, 201)
    assert s.call("GET", "/audit?limit=2&action=token.", None, token=token["token"])["events"]
    s.call("GET", "/users", None, 403, token=token["token"])
    assert len(s.call("GET", "/tokens")["tokens"]) == 2
    s.call("DELETE", "/tokens/" + token["id"], None, 204)
    s.call("GET", "/audit", None, 401, token=token["token"])
    s.call("POST", "/domains", {"name": "two.example"}, 201)
    s.call("DELETE", "/domains/two.example", None, 204)
    assert s.call("GET", "/certificates") == {"certificates": []}
    s.call("POST", "/certificates/" + "a" * 32 + "/revoke", None, 404)
    assert s.call("GET", "/domains")["domains"]
    left = s.document.not_seen()
    assert left == [("POST", "/certificates/{serial}/revoke")], left  # admin_test.c issues some
    names = ("ana", "Weber", "example.org", token["token"], s.token)
    with open(s.log, encoding="utf-8") as f:
        text = f.read()
    assert not any(name in text for name in names), text


def root_pem(stage):
    key = os.path.join(stage.folder, "root.key")
    return subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                           "-nodes", "-keyout", key, "-subj", "/CN=Root", "-days", "30"], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def roots_that_are_none(stage):
    s = service_of(stage)
    key = os.path.join(stage.folder, "leaf.key")
    leaf = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                           "-nodes", "-keyout", key, "-subj", "/CN=Leaf", "-days", "30", "-addext",
                           "basicConstraints=critical,CA:FALSE"], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    good = root_pem(stage)
    for pem in ("", "x", leaf, good + good, good[:200], good.replace("MII", "AAA"), good * 300):
        assert s.call("POST", "/roots", {"pem": pem}, 400)["field"] == "pem", pem[:80]
    s.call("DELETE", "/roots/" + "0" * 64, None, 404)
    s.call("DELETE", "/roots/zz", None, 404)


def hostile_bodies(stage):
    s = service_of(stage)
    s.domain()
    posts = [("POST", "/users"), ("PATCH", "/users/nobody@example.org"), ("POST", "/domains"), ("POST", "/roots"),
             ("PATCH", "/policy"), ("POST", "/providers"), ("POST", "/tokens"), ("POST", "/users/import"),
             ("POST", "/certificates/00/revoke")]
    for method, path in posts:
        for body in HOSTILE:
            for kind in ("application/json", "text/csv"):
                status, text = s.raw(method, path, body, kind=kind)
                if status // 100 != 4 and not (body in (b"{}", b"") and status == 200):
                    raise Failure("%s %s with %r gave %d: %s" % (method, path, body[:40], status, text[:200]))
    assert s.call("GET", "/users") == {"users": []}
    for path in ("/users/..%2f..%2fetc", "/users/%00", "/users/" + "x" * 400, "/users/%ff", "/users?after=%zz",
                 "/users?limit=1&limit=2", "/audit?user=%27%3B--", "//users", "/users/a%2Fb", "/%2e%2e/identity/me"):
        status = s.request("GET", "/api/v1/admin" + path, None, {"Authorization": "Bearer " + s.token})[0]
        assert status in (200, 400, 401, 403, 404, 414), (path, status)
    # Over the body's limit, and tokens that are none.
    assert s.request("POST", "/api/v1/admin/users/import", b"x" * 300000,
                     {"Authorization": "Bearer " + s.token})[0] == 413
    for token in ("", "ica_", "ica_" + "A" * 44, s.token[:-1], s.token + "A", s.token.swapcase(), "ict_" + s.token[4:]):
        assert s.request("GET", "/api/v1/admin/users", None, {"Authorization": "Bearer " + token})[0] == 401
    assert s.request("GET", "/api/v1/admin/users")[0] == 401


def a_domain_by_its_file(stage):
    """Over https with a certificate that is trusted; not by a redirect, nor by another file."""
    folder, port = stage.folder, free_port()
    stage.run("server/incamerad", "dev-cert", folder + "/tls", "two.example")
    answers = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body, where = answers.get(self.path, (404, b"", None))
            self.send_response(status)
            if where:
                self.send_header("Location", where)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/tls/cert.pem", folder + "/tls/key.pem")
    web.socket = context.wrap_socket(web.socket, server_side=True)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    s = service_of(stage, domain_private_addresses="yes", domain_ca_file=folder + "/tls/ca.pem",
                   domain_connect_to="127.0.0.1:%d" % port)
    proof = s.call("POST", "/domains", {"name": "two.example"}, 201)["proof"]
    path = proof["url"][len("https://two.example"):]
    content = proof["content"].encode()
    verify = "/domains/two.example/verify"
    for answer in ((404, b"", None), (200, b"zebra", None), (200, content + b"x" * 5000, None),
                   (200, b"<p>" + content, None), (302, b"", "/elsewhere")):
        answers[path] = answer
        answers["/elsewhere"] = (200, content, None)
        refused = s.call("POST", verify, None, 409)
        assert refused["error"] == "not-verified" and "zebra" not in refused["text"], refused
    answers[path] = (200, content + b"\r\n", None)
    # Not for a certificate of another name.
    proof3 = s.call("POST", "/domains", {"name": "three.example"}, 201)["proof"]
    answers[proof3["url"][len("https://three.example"):]] = (200, proof3["content"].encode(), None)
    assert "certificate" in s.call("POST", "/domains/three.example/verify", None, 409)["text"]
    assert s.call("POST", verify)["verified"]
    web.shutdown()


def no_file_from_private_addresses(stage):
    s = service_of(stage, domain_connect_to="127.0.0.1:%d" % free_port())
    s.call("POST", "/domains", {"name": "two.example"}, 201)
    assert "private network" in s.call("POST", "/domains/two.example/verify", None, 409)["text"]


def a_domain_has_one_owner(stage):
    s = service_of(stage)
    s.domain()
    other = s.first_token("Other Ltd")
    proof = s.call("POST", "/domains", {"name": "example.org"}, 201, token=other)["proof"]
    # The first owner's record is no proof for the second; and its own comes too late.
    s.call("POST", "/domains/example.org/verify", None, 409, token=other)
    s.dns.texts[proof["txt_name"]] = [proof["txt_value"]]
    assert s.call("POST", "/domains/example.org/verify", None, 409, token=other)["error"] == "exists"
    s.call("POST", "/users", {"email": "eve@example.org", "name": "Eve"}, 400, token=other)


def the_operators_word(stage):
    s = service_of(stage)
    more = [stage.program("server/incamerad"), "--config", s.config, "--admin-token"]
    run = lambda *a: subprocess.run([*more, *a], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    made = run("Example GmbH", "--domain", "Own.example")
    assert made.returncode == 0 and made.stdout.startswith("ica_") and made.stdout.count("\n") == 1, made
    assert s.call("GET", "/domains/own.example")["verified"]
    event = s.call("GET", "/audit?action=domain.verified")["events"][0]
    assert (event["actor"], event["detail"]) == ("server", {"by": "operator"}), event
    s.call("POST", "/users", {"email": "ana@own.example", "name": "Ana"}, 201, token=made.stdout.strip())
    assert run("Example GmbH", "--domain", "own.example").returncode == 0
    taken = run("Other Ltd", "--domain", "own.example")
    assert taken.returncode == 1 and "another organisation has the domain" in taken.stderr, taken
    wrong = run("Other Ltd", "--domain", "no name")
    assert wrong.returncode == 1 and "no name of a domain" in wrong.stderr, wrong
    assert run("").returncode == 1


def it_is_there_after_a_kill(stage):
    s = service_of(stage)
    s.domain()
    for i in range(20):
        s.call("POST", "/users", {"email": "u%d@example.org" % i, "name": "U"}, 201)
    s.process.kill()
    s.process.wait()
    s.start()
    assert len(s.call("GET", "/users")["users"]) == 20
    assert len(s.call("GET", "/audit?action=user.added")["events"]) == 20


def ten_thousand_rows(stage):
    s = service_of(stage)
    s.domain()
    rows = "".join("%05d@example.org,N\n" % i for i in range(10000))
    began = time.monotonic()
    done = s.csv("/users/import?invite=false", "email,name\n" + rows)
    assert done["created"] == 10000, done["created"]
    print("     10,000 users in %.2f s" % (time.monotonic() - began))
    assert s.raw("GET", "/users/export")[1].count(b"\r\n") == 10001


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        every_operation, roots_that_are_none, hostile_bodies, a_domain_by_its_file, no_file_from_private_addresses,
        a_domain_has_one_owner, the_operators_word, it_is_there_after_a_kill, ten_thousand_rows))
