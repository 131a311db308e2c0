"""People get certificates by ACME: from a signed-in session, for the key that asked, again without signing in,
and not any more once they or their device are out."""
import os
import subprocess
import sys

from acme_kit import Client, Dns, House, Identity, b64, openssl_says
from harness import Cases, Failure


def open_house(stage):
    dns = Dns()
    service = Identity(stage, dns, acme_any_domain="no")
    return service, House(service, dns)


def request_of(folder, email, *more, rsa=False):
    key = os.path.join(folder, "person.key.pem")
    make = ["openssl", "genrsa", "-out", key, "2048"] if rsa else \
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]
    subprocess.run(make, check=True, capture_output=True)
    names = ",".join(["email:" + email, "URI:im:" + email, *more])
    return subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=Whoever I like", "-outform", "DER",
                           "-addext", "subjectAltName=" + names], check=True, capture_output=True).stdout


def refused(answer, status, error):
    if (answer.status, answer.error) != (status, error):
        raise Failure("wanted %d %s, got %r" % (status, error, answer))
    return answer


def show_token(client, order, token):
    c = client.challenge(order.json["authorizations"][0], "incamera-token-01")
    return client.post(c["url"], {"token": token})


def enrol(person, client, label="laptop"):
    """(order, PEM chain)"""
    order = client.order(person.email, kind="email")
    if order.look() == "pending":
        a = show_token(client, order, person.enrolment(client, label))
        assert a.status == 200 and a.json["status"] == "valid", a
    assert order.look() == "ready"
    done = order.finalize(request_of(client.folder, person.email))
    assert done.status == 200, done
    chain = client.post(done.json["certificate"])
    assert chain.headers["Content-Type"] == "application/pem-certificate-chain"
    return order, chain.body


def text_of(chain):
    return openssl_says("x509", "-noout", "-text", data=chain).decode()


def is_revoked(service, chain):
    serial = openssl_says("x509", "-noout", "-serial", data=chain).decode().strip().partition("=")[2]
    der = service.request("GET", "/pki/crl.der")[2]
    return serial in openssl_says("crl", "-inform", "DER", "-noout", "-text", data=der).decode()


def enrols_and_renews(stage):
    service, house = open_house(stage)
    ana, client = house.add("ana@ring.example", "Ana Li"), Client(service)
    client.join()
    _, first = enrol(ana, client)
    text = text_of(first)
    assert "CN = Ana Li" in text and "O = Ring" in text and "Whoever" not in text, text
    assert "email:ana@ring.example" in text and "URI:im:ana@ring.example" in text, text
    assert first.count(b"BEGIN CERTIFICATE") == 2
    # signed out for good, and no token: the account's key is enough for the same name
    ana.api("POST", "signout", {})
    order, second = enrol(ana, client)
    assert order.json["status"] == "ready" and first != second
    assert not is_revoked(service, first)
    # what others changed is in the next one
    house.admin("PATCH", "/users/" + ana.id, {"name": "Ana Li-Ring"})
    assert "CN = Ana Li-Ring" in text_of(enrol(ana, client)[1])
    # all of it stands in the person's own list: a takeover is seen
    ana.sign_in()
    actions = [e["action"] for e in ana.api("GET", "audit")["events"]]
    assert "device.enrolled" in actions and actions.count("certificate.issued") == 3, actions
    assert [d["label"] for d in ana.api("GET", "devices")["devices"]] == ["laptop"]
    assert service.stop() == 0


def tokens_that_are_not_good(stage):
    service, house = open_house(stage)
    ana, eve = house.add("ana@ring.example", "Ana"), house.add("eve@ring.example", "Eve")
    client, other = Client(service), Client(service, "other")
    client.join()
    other.join()
    order = client.order(ana.email, kind="email")
    token = ana.enrolment(client)
    # Eve's own token, for Ana's name; Ana's, by Eve's key; nonsense
    refused(show_token(client, order, eve.enrolment(client)), 403, "incorrectResponse")
    refused(show_token(other, other.order(ana.email, kind="email"), token), 403, "incorrectResponse")
    refused(show_token(client, order, "ice_" + "A" * 44), 403, "incorrectResponse")
    refused(show_token(client, order, ana.session), 403, "incorrectResponse")
    assert order.look() == "pending"
    assert show_token(client, order, token).status == 200 and order.look() == "ready"
    # used once
    again = client.post(client.directory["newOrder"], {"identifiers": [{"type": "email", "value": eve.email}]})
    url = next(c for c in client.post(again.json["authorizations"][0]).json["challenges"])["url"]
    refused(client.post(url, {"token": token}), 403, "incorrectResponse")
    # whether somebody exists is not told by an order
    for email in (eve.email, "nobody@ring.example", "ana@elsewhere.example"):
        a = client.post(client.directory["newOrder"], {"identifiers": [{"type": "email", "value": email}]})
        assert a.status == 201 and a.json["status"] == "pending", a
    # after five wrong ones it is over
    last = client.order("nobody@ring.example", kind="email")
    for _ in range(5):
        refused(show_token(client, last, "ice_" + "B" * 44), 403, "incorrectResponse")
    assert last.look() == "invalid"
    assert service.stop() == 0


def requests_of_people(stage):
    service, house = open_house(stage)
    ana, client = house.add("ana@ring.example", "Ana"), Client(service)
    client.join()
    order = client.order(ana.email, kind="email")
    assert show_token(client, order, ana.enrolment(client)).status == 200
    folder = client.folder
    for csr in (request_of(folder, "eve@ring.example"), request_of(folder, ana.email, "email:eve@ring.example"),
                request_of(folder, ana.email, "DNS:room.ring.example"), request_of(folder, ana.email, "URI:im:eve@ring.example"),
                request_of(folder, ana.email, rsa=True)):
        refused(order.finalize(csr), 400, "badCSR")
    refused(client.post(client.directory["newOrder"], {"identifiers": [
        {"type": "email", "value": ana.email}, {"type": "dns", "value": "room.ring.example"}]}), 400, "rejectedIdentifier")
    assert order.finalize(request_of(folder, ana.email)).status == 200
    assert service.stop() == 0


def device_is_taken_away(stage):
    """The other device of the same person goes on."""
    service, house = open_house(stage)
    ana, lost, kept = house.add("ana@ring.example", "Ana"), Client(service, "lost"), Client(service, "kept")
    lost.join()
    kept.join()
    _, chain = enrol(ana, lost, "phone")
    _, other = enrol(ana, kept, "laptop")
    waiting = lost.order(ana.email, kind="email")
    assert waiting.look() == "ready"
    device = next(d for d in ana.api("GET", "devices")["devices"] if d["label"] == "phone")
    ana.api("DELETE", "devices/" + device["id"])
    assert is_revoked(service, chain) and not is_revoked(service, other)
    refused(waiting.finalize(request_of(lost.folder, ana.email)), 403, "unauthorized")
    assert lost.order(ana.email, kind="email").look() == "pending"
    enrol(ana, kept)
    assert service.stop() == 0


def person_is_suspended(stage):
    service, house = open_house(stage)
    ana, client = house.add("ana@ring.example", "Ana"), Client(service)
    client.join()
    _, chain = enrol(ana, client)
    order = client.order(ana.email, kind="email")
    token = ana.enrolment(client)
    house.admin("POST", "/users/%s/suspend" % ana.id, {})
    assert is_revoked(service, chain)
    refused(order.finalize(request_of(client.folder, ana.email)), 403, "unauthorized")
    renewal = client.order(ana.email, kind="email")
    assert renewal.look() == "pending"
    refused(show_token(client, renewal, token), 403, "incorrectResponse")
    # who may again signs in anew
    house.admin("POST", "/users/%s/resume" % ana.id, {})
    ana.sign_in()
    enrol(ana, client)
    assert service.stop() == 0


def revokes_with_its_own_key(stage):
    service, house = open_house(stage)
    ana, client, thief = house.add("ana@ring.example", "Ana"), Client(service), Client(service, "thief")
    client.join()
    thief.join()
    _, chain = enrol(ana, client)
    der = {"certificate": b64(openssl_says("x509", "-outform", "DER", data=chain)), "reason": 1}
    refused(thief.post(thief.directory["revokeCert"], der), 403, "unauthorized")
    refused(client.post(client.directory["revokeCert"], {**der, "reason": 6}), 400, "badRevocationReason")
    assert client.post(client.directory["revokeCert"], der).status == 200
    refused(client.post(client.directory["revokeCert"], der), 400, "alreadyRevoked")
    assert is_revoked(service, chain)
    told = [e for e in ana.api("GET", "audit")["events"] if e["action"] == "certificate.revoked"]
    assert len(told) == 1 and "keyCompromise" in str(told[0]["detail"]), told
    assert service.stop() == 0


if __name__ == "__main__":
    every = (enrols_and_renews, tokens_that_are_not_good, requests_of_people, device_is_taken_away,
             person_is_suspended, revokes_with_its_own_key)
    cases = Cases(*sys.argv[1:3])
    sys.exit(cases.run(*[f for f in every if f.__name__ in (sys.argv[3:] or f.__name__)]))
