"""The organisation's authority before the openssl program: chains, lists of revoked certificates, OCSP; its key in
a file and in a token."""
import base64
import os
import shutil
import subprocess
import sys
import urllib.parse

from acme_kit import Client, Dns, Identity, Web, b64, openssl_says, request_for
from harness import Cases, Failure, Skipped

HOST = "door.example.org"


def enrolled(stage, service, web, name=HOST):
    """The paths of a leaf, just issued, and of its root; and the client that has it."""
    client = Client(service, "account-" + name)
    client.join()
    order = client.order(name)
    assert order.prove_by_http(web) == "ready", order.json
    answer = order.finalize(request_for(stage.folder, [name]))
    assert answer.status == 200, repr(answer)
    assert order.look() == "valid", order.json
    pem = client.post(order.json["certificate"]).body.decode()
    leaf, root = pem.split("-----END CERTIFICATE-----\n")[:2]
    paths = []
    for kind, part in (("leaf", leaf), ("root", root)):
        paths.append(os.path.join(stage.folder, "%s-%s.pem" % (name, kind)))
        with open(paths[-1], "w", encoding="ascii") as f:
            f.write(part + "-----END CERTIFICATE-----\n")
    return client, *paths


def crl(stage, service):
    status, headers, der = service.request("GET", "/pki/crl.der")
    assert status == 200 and headers["Content-Type"] == "application/pkix-crl", status
    path = os.path.join(stage.folder, "list.pem")
    openssl_says("crl", "-inform", "DER", "-out", path, data=der)
    return path


def verify(leaf, root, list_of_revoked, *options):
    """What openssl says, with every check that it has."""
    done = subprocess.run(["openssl", "verify", "-x509_strict", "-crl_check", "-CAfile", root, "-CRLfile",
                           list_of_revoked, *options, leaf], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def ocsp(service, leaf, root, *options):
    done = subprocess.run(["openssl", "ocsp", "-issuer", root, "-cert", leaf, "-url", service.base + "/pki/ocsp",
                           "-CAfile", root, "-VAfile", root, *options], capture_output=True, text=True, check=False,
                          env={**os.environ, "no_proxy": "127.0.0.1"})
    if done.returncode != 0 or "Response verify OK" not in done.stderr:
        raise Failure("openssl ocsp: " + done.stdout + done.stderr)
    return done.stdout


def ocsp_by_get(stage, service, leaf, root):
    request, answer = os.path.join(stage.folder, "req.der"), os.path.join(stage.folder, "resp.der")
    openssl_says("ocsp", "-issuer", root, "-cert", leaf, "-no_nonce", "-reqout", request)
    with open(request, "rb") as f:
        encoded = base64.b64encode(f.read()).decode()
    status, headers, body = service.request("GET", "/pki/ocsp/" + urllib.parse.quote(encoded, safe=""))
    assert status == 200 and headers["Content-Type"] == "application/ocsp-response", status
    if "//" in encoded:  # what libwebsockets makes one of (docs/protocol/pki.md): refused, never answered wrongly
        assert body == bytes.fromhex("30030a0101"), body
        return ocsp(service, leaf, root)
    with open(answer, "wb") as f:
        f.write(body)
    done = subprocess.run(["openssl", "ocsp", "-issuer", root, "-cert", leaf, "-respin", answer, "-CAfile", root,
                           "-VAfile", root], capture_output=True, text=True, check=False)
    assert "Response verify OK" in done.stderr, done.stderr
    return done.stdout


def play(stage, **options):
    """Issue, look, take back, look; once more after a restart."""
    service = Identity(stage, Dns(), **options)
    web = Web(service.challenge_port)
    client, leaf, root = enrolled(stage, service, web)
    assert verify(leaf, root, crl(stage, service), "-purpose", "sslserver", "-verify_hostname", HOST).endswith("OK")
    wrong = verify(leaf, root, crl(stage, service), "-verify_hostname", "elsewhere.example.org")
    assert "hostname mismatch" in wrong.lower(), wrong
    assert ": good" in ocsp(service, leaf, root) and ": good" in ocsp_by_get(stage, service, leaf, root)
    with open(leaf, "rb") as f:
        der = openssl_says("x509", "-outform", "DER", data=f.read())
    revoked = client.post(client.directory["revokeCert"], {"certificate": b64(der), "reason": 1})
    assert revoked.status == 200, repr(revoked)
    assert "certificate revoked" in verify(leaf, root, crl(stage, service))
    said = ocsp(service, leaf, root)
    assert ": revoked" in said and "keyCompromise" in said, said
    service.kill()
    service.start()
    assert "certificate revoked" in verify(leaf, root, crl(stage, service))
    _, second, _ = enrolled(stage, service, web, "gate.example.org")
    assert verify(second, root, crl(stage, service)).endswith("OK"), "another root after a restart"
    web.close()
    return service, root


def chain_list_and_ocsp_are_what_openssl_takes(stage):
    service, root = play(stage)
    key = os.path.join(service.folder, "data", "ca.key")
    assert os.stat(key).st_mode & 0o777 == 0o600
    with open(root, "rb") as f:
        assert service.request("GET", "/pki/root.pem")[2] == f.read()


def another_authoritys_list_is_not_its(stage):
    """openssl takes the list of this root alone."""
    service = Identity(stage, Dns())
    web = Web(service.challenge_port)
    _, leaf, root = enrolled(stage, service, web)
    web.close()
    folder = os.path.join(stage.folder, "foreign")
    os.makedirs(folder)
    key, cert, foreign = (os.path.join(folder, n) for n in ("key.pem", "cert.pem", "list.pem"))
    name = openssl_says("x509", "-in", root, "-noout", "-subject", "-nameopt", "compat").decode()
    assert "In Camera CA" in name, name
    openssl_says("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                 "-out", cert, "-subj", "/O=127.0.0.1/CN=In Camera CA", "-days", "2")
    with open(os.path.join(folder, "index.txt"), "w", encoding="ascii"):
        pass
    with open(os.path.join(folder, "ca.cnf"), "w", encoding="ascii") as f:
        f.write("[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index.txt\ndefault_md=sha256\ndefault_crl_days=1\n" % folder)
    openssl_says("ca", "-config", folder + "/ca.cnf", "-gencrl", "-keyfile", key, "-cert", cert, "-out", foreign)
    said = verify(leaf, root, foreign)
    assert not said.endswith("OK"), said
    assert verify(leaf, root, crl(stage, service)).endswith("OK")


# ---- in a token ----

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


def key_in_a_token_is_what_openssl_takes(stage):
    module = next((m for m in MODULES if os.path.exists(m)), None)
    if not module or not shutil.which("softhsm2-util"):
        raise Skipped("SoftHSM is not installed")
    tokens = os.path.join(stage.folder, "tokens")
    os.makedirs(tokens)
    conf = os.path.join(stage.folder, "softhsm2.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n" % tokens)
    os.environ["SOFTHSM2_CONF"] = conf
    subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "house", "--so-pin", "1234", "--pin",
                    "4711"], check=True, capture_output=True)
    pin = os.path.join(stage.folder, "pin")
    with open(pin, "w", encoding="ascii") as f:
        f.write("4711\n")
    os.chmod(pin, 0o600)
    service, _ = play(stage, ca_key="pkcs11:token=house;object=ca?module-path=" + module, ca_pin_file=pin)
    assert not os.path.exists(os.path.join(service.folder, "data", "ca.key")), "a key in a file in spite of it"
    # It does not start without its PIN, and says why without saying the PIN.
    service.kill()
    with open(pin, "w", encoding="ascii") as f:
        f.write("0815\n")
    try:
        service.start()
    except Failure as why:
        assert "ca_key" in str(why) and "0815" not in str(why), why
    else:
        raise Failure("it started with a wrong PIN")


if __name__ == "__main__":
    cases = Cases(*sys.argv[1:3])
    sys.exit(cases.run(*[f for f in (chain_list_and_ocsp_are_what_openssl_takes, another_authoritys_list_is_not_its,
                                     key_in_a_token_is_what_openssl_takes)
                         if f.__name__ in (sys.argv[3:] or f.__name__)]))
