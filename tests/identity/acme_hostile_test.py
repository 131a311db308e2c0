"""What an ACME client may try that it should not, over real sockets. After each case the service must live."""
import base64
import hashlib
import hmac
import json
import socket
import sys
import threading
import time

from acme_kit import Client, Dns, Identity, Web, b64, openssl_says, request_for, unb64
from harness import LIMIT_S, LONG_S, Cases, Failure, wait_until

HOST = "room.ring.example"


def refused(answer, status, error):
    if (answer.status, answer.error) != (status, error):
        raise Failure("wanted %d %s, got %r" % (status, error, answer))
    if status >= 400 and not answer.headers.get("Replay-Nonce"):
        raise Failure("no nonce with %r" % answer)
    return answer


def open_service(stage, **options):
    dns = Dns()
    service = Identity(stage, dns, **options)
    me = Client(service)
    me.join()
    return service, dns, me


def lives(service, me):
    """A good request still works, and it ends as it should."""
    assert me.post(me.kid).status == 200
    assert service.stop() == 0, service.last_words()
    assert "Sanitizer" not in service.last_words(1000)


def nonces(stage):
    service, _, me = open_service(stage)
    assert me.post(me.kid).status == 200
    refused(me.send(me.kid, me.last), 400, "badNonce")
    used = json.loads(unb64(json.loads(me.last)["protected"]))["nonce"]
    refused(me.post(me.kid, nonce=used), 400, "badNonce")
    refused(me.post(me.kid, nonce="A" * 32), 400, "badNonce")
    refused(me.post(me.kid, nonce=None), 400, "badNonce")
    refused(me.post(me.kid, nonce="not base64url!"), 400, "malformed")
    # sixteen at once with one nonce: one is served
    me.nonce = me.fresh_nonce()
    body = me.sign(me.kid, None)
    got = []
    threads = [threading.Thread(target=lambda: got.append(
        service.request("POST", me.kid, body, {"Content-Type": "application/jose+json"})[0])) for _ in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(got) == [200] + [400] * 15, got
    # none of before a restart
    me.nonce = me.fresh_nonce()
    service.kill()
    service.start()
    refused(me.post(me.kid), 400, "badNonce")
    lives(service, me)


def signatures(stage):
    service, _, me = open_service(stage)
    other = Client(service, "other")
    other.join()
    refused(me.post(me.kid, key=other.key), 400, "malformed")
    refused(me.post(me.kid, jwk=me.key.jwk), 400, "malformed")
    refused(me.post(me.kid, kid=None), 400, "malformed")
    refused(me.post(me.kid, crit=["exp"]), 400, "malformed")
    refused(me.post(me.kid, b64=False), 400, "malformed")
    a = refused(me.post(me.kid, alg="none"), 400, "badSignatureAlgorithm")
    assert a.json["algorithms"] == ["ES256", "ES384", "RS256"]
    refused(me.post(me.kid, alg="ES384"), 400, "badPublicKey")
    # an HMAC whose key is the public key
    me.nonce = me.fresh_nonce()
    first = b64(json.dumps({"alg": "HS256", "nonce": me.nonce, "url": me.kid, "kid": me.kid}).encode())
    mac = hmac.new(json.dumps(me.key.jwk).encode(), (first + ".").encode(), hashlib.sha256).digest()
    refused(me.send(me.kid, json.dumps({"protected": first, "payload": "", "signature": b64(mac)}).encode()), 400,
            "badSignatureAlgorithm")
    # compact, general, unprotected, nothing
    me.nonce = me.fresh_nonce()
    good = json.loads(me.sign(me.kid, None))
    for body in ("%(protected)s.%(payload)s.%(signature)s" % good, json.dumps({**good, "header": {"alg": "none"}}),
                 json.dumps({"payload": "", "signatures": [good]}), "", "{}", "[]", "\0", "{" * 30000):
        refused(me.send(me.kid, body.encode()), 400, "malformed")
    assert me.send(me.kid, b"{" + b" " * 70000 + b"}").status == 413
    assert service.request("POST", me.kid, b" " * 300000, {"Content-Type": "application/jose+json"})[0] == 413
    refused(me.send(me.kid, json.dumps(good).encode(), "application/json"), 415, "malformed")
    # padding, wherever base64url stands
    good = json.loads(me.sign(me.kid, {}))
    for part in good:
        for more in ("=", "==", "A=", "===="):
            refused(me.send(me.kid, json.dumps({**good, part: good[part] + more}).encode()), 400, "malformed")
    for part in ("x", "y"):
        padded = {**me.key.jwk, part: me.key.jwk[part] + "="}
        refused(me.post(me.directory["newAccount"], {}, kid=None, jwk=padded), 400, "badPublicKey")
    # a key off its curve, a key that is no key
    bad = {**me.key.jwk, "y": b64(bytes(32))}
    refused(me.post(me.directory["newAccount"], {}, kid=None, jwk=bad), 400, "badPublicKey")
    refused(me.post(me.directory["newAccount"], {}, kid=None, jwk={"kty": "oct", "k": "AA"}), 400, "badPublicKey")
    lives(service, me)


def urls(stage):
    service, _, me = open_service(stage)
    new_order, wish = me.directory["newOrder"], {"identifiers": [{"type": "dns", "value": HOST}]}
    for url in (me.kid, new_order + "/", new_order.replace("127.0.0.1", "evil.example"), "/acme/new-order", ""):
        refused(me.post(new_order, wish, url=url), 401, "unauthorized")
    refused(me.post(new_order + "?a=b", wish, url=new_order), 401, "unauthorized")
    # a request for one URL, sent to another by somebody in between
    me.nonce = me.fresh_nonce()
    refused(me.send(me.directory["keyChange"], me.sign(new_order, wish)), 401, "unauthorized")
    for path in ("/acme/new-order", "/acme/acct/x", "/acme/order/x", "/acme/"):
        status, headers, body = service.request("GET", path)
        assert status == 405 and headers["Content-Type"] == "application/problem+json" and b"malformed" in body
    for path in ("/acme/../acme/new-order", "/acme/order/" + "A" * 22 + "/../x", "/acme/%2e%2e/x"):
        assert service.request("GET", path)[0] in (400, 403, 404, 405)
    lives(service, me)


def of_others(stage):
    """Orders, authorizations, challenges, certificates and accounts are their account's alone."""
    service, _, me = open_service(stage)
    web, eve = Web(service.challenge_port), Client(service, "eve")
    eve.join()
    order = me.order(HOST)
    authz = order.json["authorizations"][0]
    challenge = me.challenge(authz, "http-01")
    csr = request_for(stage.folder, [HOST])
    for url, payload in ((order.url, None), (authz, None), (authz, {"status": "deactivated"}), (challenge["url"], {}),
                         (order.json["finalize"], {"csr": b64(csr)}), (me.kid, None), (me.kid + "/orders", None),
                         (me.kid, {"status": "deactivated"})):
        refused(eve.post(url, payload), 403, "unauthorized")
    assert order.prove_by_http(web) == "ready"
    refused(eve.post(order.json["finalize"], {"csr": b64(csr)}), 403, "unauthorized")
    url = order.finalize(csr).json["certificate"]
    refused(eve.post(url), 403, "unauthorized")
    der = openssl_says("x509", "-outform", "DER", data=me.post(url).body)
    refused(eve.post(eve.directory["revokeCert"], {"certificate": b64(der)}), 403, "unauthorized")
    refused(eve.post(eve.directory["revokeCert"], {"certificate": b64(der)}, kid=None, jwk=eve.key.jwk), 403,
            "unauthorized")
    # until eve proves the same name herself: RFC 8555 section 7.6
    assert eve.order(HOST).prove_by_http(web) == "ready"
    assert eve.post(eve.directory["revokeCert"], {"certificate": b64(der)}).status == 200
    refused(me.post(me.directory["revokeCert"], {"certificate": b64(der)}), 400, "alreadyRevoked")
    web.close()
    lives(service, me)


def requests_for_certificates(stage):
    service, _, me = open_service(stage)
    web, order = Web(service.challenge_port), me.order(HOST, "b.ring.example")
    both = [HOST, "b.ring.example"]
    early = order.finalize(request_for(stage.folder, both))
    refused(early, 403, "orderNotReady")
    assert order.prove_by_http(web) == "ready"
    for names, more in ((both + ["c.ring.example"], ""), ([HOST], ""), (["evil.example"], ""),
                        (both, ",IP:127.0.0.1"), (both, ",email:a@ring.example"), (both, ",URI:im:a@ring.example"),
                        (both, ",DNS:*.ring.example")):
        refused(order.finalize(request_for(stage.folder, names, extra=more)), 400, "badCSR")
    refused(order.finalize(request_for(stage.folder, both, rsa=1024)), 400, "badCSR")
    refused(order.finalize(request_for(stage.folder, both, curve="secp256k1")), 400, "badCSR")
    good = bytearray(request_for(stage.folder, both))
    good[-1] ^= 1
    refused(order.finalize(bytes(good)), 400, "badCSR")
    refused(order.finalize(b""), 400, "badCSR")
    refused(order.finalize(b"\x30\x84\xff\xff\xff\xff"), 400, "badCSR")
    refused(me.post(order.json["finalize"], {"csr": "====", }), 400, "malformed")
    # the account's own key
    csr = openssl_says("req", "-new", "-key", me.key.path, "-subj", "/", "-outform", "DER", "-addext",
                       "subjectAltName=DNS:%s,DNS:b.ring.example" % HOST)
    refused(order.finalize(csr), 400, "badCSR")
    assert order.look() == "ready"
    assert order.finalize(request_for(stage.folder, both)).status == 200
    web.close()
    lives(service, me)


def finalized_at_once(stage):
    """Eight at the same time, with their own nonces: one certificate."""
    service, _, me = open_service(stage)
    web, order = Web(service.challenge_port), me.order(HOST)
    assert order.prove_by_http(web) == "ready"
    csr, bodies, got = b64(request_for(stage.folder, [HOST])), [], []
    for _ in range(8):
        me.nonce = me.fresh_nonce()
        bodies.append(me.sign(order.json["finalize"], {"csr": csr}))
    threads = [threading.Thread(target=lambda body=body: got.append(service.request(
        "POST", order.json["finalize"], body, {"Content-Type": "application/jose+json"})[0])) for body in bodies]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(got) == [200] + [403] * 7, got
    web.close()
    me.nonce = None
    lives(service, me)


def key_changes(stage):
    service, _, me = open_service(stage)
    other, url = Client(service, "other", "secp384r1"), me.directory["keyChange"]
    other.join()
    fresh = Client(service, "fresh")

    def change(key, **inner):
        body = {"account": me.kid, "oldKey": me.key.jwk}
        protected = {"alg": key.alg, "jwk": key.jwk, "url": url}
        protected.update(inner.pop("header", {}))
        body.update(inner)
        first, second = b64(json.dumps(protected).encode()), b64(json.dumps(body).encode())
        return me.post(url, {"protected": first, "payload": second,
                             "signature": b64(key.sign(("%s.%s" % (first, second)).encode()))})

    a = refused(change(other.key), 409, "malformed")
    assert a.headers["Location"] == other.kid
    refused(change(fresh.key, account=other.kid), 400, "malformed")
    refused(change(fresh.key, oldKey=other.key.jwk), 400, "malformed")
    refused(change(fresh.key, header={"url": me.kid}), 400, "malformed")
    refused(change(fresh.key, header={"nonce": "AAAA"}), 400, "malformed")
    refused(change(fresh.key, header={"kid": me.kid}), 400, "malformed")
    refused(change(fresh.key, header={"jwk": other.key.jwk, "alg": "ES384"}), 400, "malformed")
    assert change(fresh.key).status == 200
    refused(me.post(me.kid), 400, "malformed")
    me.key = fresh.key
    # the key is one account's: it makes no second one
    fresh.join()
    assert fresh.kid == me.kid
    lives(service, me)


def http_01_that_lies(stage):
    """Answers that are none, redirects to where none may lead, and a host that never ends."""
    service, dns, me = open_service(stage, acme_retry_ms=100, acme_orders_per_hour=1000)
    web = Web(service.challenge_port)
    here = "http://127.0.0.1:%d" % service.challenge_port

    def ends_as(answer, error):
        order = me.order(HOST)
        authz = order.json["authorizations"][0]
        c = me.challenge(authz, "http-01")
        path = "/.well-known/acme-challenge/" + c["token"]
        web.answers = {path: answer(c["token"], path)}
        web.answers["/elsewhere"] = (200, {}, me.authorization_of(c["token"]).encode())
        me.post(c["url"], {})
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end and order.look() == "pending":
            time.sleep(0.1)
        a = me.post(authz).json
        wanted = "valid" if error is None else "invalid"
        if a["status"] != wanted or (error and not a["challenges"][0]["error"]["type"].endswith(":" + error)):
            raise Failure("wanted %s %s, got %r" % (wanted, error, a))
        if error is None:
            assert me.post(authz, {"status": "deactivated"}).status == 200
        return a

    ends_as(lambda t, p: (302, {"Location": "/elsewhere"}, b""), None)
    ends_as(lambda t, p: (200, {}, t.encode()), "incorrectResponse")
    ends_as(lambda t, p: (200, {}, b"x" * 100000), "incorrectResponse")
    ends_as(lambda t, p: (200, {}, b""), "incorrectResponse")
    a = ends_as(lambda t, p: (500, {}, b"secret of an inner server"), "incorrectResponse")
    assert "secret" not in json.dumps(a)
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:25/x", here + "/loop"):
        web.answers["/loop"] = (302, {"Location": here + "/loop"}, b"")
        ends_as(lambda t, p, url=url: (302, {"Location": url}, b""), "connection" if "loop" not in url else "incorrectResponse")
    web.close()
    ends_as(lambda t, p: (200, {}, b""), "connection")
    lives(service, me)


def slow_hosts(stage):
    """Hosts that never answer keep nobody from signing in, and others' challenges come to their turn."""
    service, _, me = open_service(stage, acme_retry_ms=60000)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", service.challenge_port))
        silent.listen(64)
        for i in range(8):
            order = me.order("slow%d.ring.example" % i)
            c = me.challenge(order.json["authorizations"][0], "http-01")
            assert me.post(c["url"], {}).status == 200
        began = time.monotonic()
        status = service.request("POST", "/api/v1/identity/signin/password", json.dumps(
            {"email": "ana@ring.example", "password": "wrong horse battery"}).encode(),
            {"Content-Type": "application/json"})[0]
        took = time.monotonic() - began
        assert status in (401, 403) and took < 8, (status, took)
        assert me.post(me.kid).status == 200
    # whoever hung is let go, and the queue moves on: all eight were tried
    wait_until(lambda: all("error" in c for c in [
        me.challenge(me.post(o).json["authorizations"][0], "http-01")
        for o in me.post(me.kid + "/orders").json["orders"]]), "every challenge had its turn", LONG_S)
    lives(service, me)


def private_addresses(stage):
    """Names that lead to this machine are not asked, unless the configuration says so."""
    service, dns, me = open_service(stage, acme_private_addresses="no", acme_retry_ms=100)
    web, order = Web(service.challenge_port), me.order(HOST)
    assert order.prove_by_http(web) == "invalid"
    a = me.post(order.json["authorizations"][0]).json
    assert a["challenges"][0]["error"]["type"].endswith(":connection"), a
    assert (HOST, 1) in dns.asked and not web.asked
    web.close()
    lives(service, me)


def dns_01_that_lies(stage):
    service, dns, me = open_service(stage, acme_retry_ms=100)
    name = "_acme-challenge." + HOST

    def ends_as(texts, wanted):
        order = me.order(HOST)
        c = me.challenge(order.json["authorizations"][0], "dns-01")
        right = b64(hashlib.sha256(me.authorization_of(c["token"]).encode()).digest())
        dns.texts[name] = texts(right)
        me.post(c["url"], {})
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end and order.look() == "pending":
            time.sleep(0.1)
        assert order.json["status"] == wanted, (wanted, order.json)

    ends_as(lambda right: [], "invalid")
    ends_as(lambda right: ["x", right[:-1], right + "A", right.lower(), me.key.thumbprint], "invalid")
    ends_as(lambda right: ["x"] * 10 + [right], "ready")
    lives(service, me)


def unverified_domains(stage):
    service, _, me = open_service(stage, acme_any_domain="no")
    a = refused(me.post(me.directory["newOrder"], {"identifiers": [
        {"type": "dns", "value": HOST}, {"type": "dns", "value": "a.b.c"}]}), 400, "rejectedIdentifier")
    assert [s["identifier"]["value"] for s in a.json["subproblems"]] == [HOST, "a.b.c"]
    lives(service, me)


def limits(stage):
    service, _, me = open_service(stage, acme_orders_per_hour=2, acme_accounts_per_min=3)
    wish = {"identifiers": [{"type": "dns", "value": HOST}]}
    assert [me.post(me.directory["newOrder"], wish).status for _ in range(3)] == [201, 201, 429]
    a = refused(me.post(me.directory["newOrder"], wish), 429, "rateLimited")
    assert 3500 < int(a.headers["Retry-After"]) <= 3600
    got = []
    for i in range(4):
        other = Client(service, "other%d" % i)
        got.append(other.post(other.directory["newAccount"], {}).status)
    assert 429 in got and got[0] == 201, got
    lives(service, me)


def wide_requests(stage):
    """What is long, deep, or many: refused in time."""
    service, _, me = open_service(stage)
    new_order = me.directory["newOrder"]
    refused(me.post(new_order, {"identifiers": [{"type": "dns", "value": "h%d.ring.example" % i} for i in range(17)]}),
            400, "malformed")
    refused(me.post(new_order, {"identifiers": [{"type": "dns", "value": "a." * 2000 + "b"}]}), 400, "rejectedIdentifier")
    deep = base64.b64decode("e30=")
    refused(me.post(new_order, b'{"identifiers":' + b"[" * 3000 + b"]" * 3000 + b"}"), 400, "malformed")
    refused(me.post(new_order, b'{"a":' * 5000 + deep + b"}" * 5000), 400, "malformed")
    refused(me.post(me.kid, {"contact": ["mailto:a@b.c"] * 5}), 400, "malformed")
    refused(me.post(me.kid, {"contact": ["mailto:" + "a" * 20000]}), 400, "invalidContact")
    lives(service, me)


if __name__ == "__main__":
    every = (nonces, signatures, urls, of_others, requests_for_certificates, finalized_at_once, key_changes,
             http_01_that_lies, slow_hosts, private_addresses, dns_01_that_lies, unverified_domains, limits, wide_requests)
    cases = Cases(*sys.argv[1:3])
    sys.exit(cases.run(*[f for f in every if f.__name__ in (sys.argv[3:] or f.__name__)]))
