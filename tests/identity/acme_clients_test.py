"""Clients that others made enrol, renew and revoke: certbot, lego and uacme from Debian."""
import os
import shutil
import stat
import subprocess
import sys

from acme_kit import Dns, Identity, Web, openssl_says
from harness import LIMIT_S, Cases, Failure, Skipped


def run(command, service, folder=None):
    """Each client has its own way to be told of an authority."""
    environment = {"REQUESTS_CA_BUNDLE": service.ca, "LEGO_CA_CERTIFICATES": service.ca, "SSL_CERT_FILE": service.ca}
    done = subprocess.run(command, capture_output=True, text=True, timeout=5 * LIMIT_S, cwd=folder,
                          env={**os.environ, "NO_PROXY": "127.0.0.1,localhost", **environment})
    if done.returncode != 0:
        raise Failure("%s: %s" % (" ".join(command[:6]), (done.stdout + done.stderr)[-1500:]))
    return done.stdout + done.stderr


def tool(name):
    path = shutil.which(name) or "/usr/bin/" + name
    if not os.path.exists(path):
        raise Skipped("%s is not installed" % name)
    return path


def check_chain(path, name):
    """Leaf and root in one file; the root vouches for the leaf, which is for that host."""
    with open(path, encoding="ascii") as f:
        pem = f.read()
    parts = ["-----BEGIN CERTIFICATE-----" + p for p in pem.split("-----BEGIN CERTIFICATE-----")[1:]]
    assert len(parts) == 2, pem
    folder = os.path.dirname(path)
    for i, part in enumerate(parts):
        with open(os.path.join(folder, "part%d.pem" % i), "w", encoding="ascii") as f:
            f.write(part)
    said = openssl_says("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile",
                        os.path.join(folder, "part1.pem"), os.path.join(folder, "part0.pem"))
    assert b"OK" in said
    return serial_of(os.path.join(folder, "part0.pem"))


def serial_of(path):
    return openssl_says("x509", "-in", path, "-noout", "-serial").decode().strip().partition("=")[2]


def is_revoked(service, serial):
    der = service.request("GET", "/pki/crl.der")[2]
    text = openssl_says("crl", "-inform", "DER", "-noout", "-text", data=der).decode()
    return serial.lower() in text.lower()


# ---- certbot ----

def certbot_command(stage, service):
    folder = os.path.join(stage.folder, "certbot")
    return [tool("certbot"), "--non-interactive", "--server", service.base + "/acme/directory", "--config-dir",
            folder + "/config", "--work-dir", folder + "/work", "--logs-dir", folder + "/logs", "--no-random-sleep-on-renew"]


def certbot(stage):
    service = Identity(stage, Dns(), tls=True)
    base, name = certbot_command(stage, service), "room1.ring.example"
    run([*base, "certonly", "--standalone", "--http-01-port", str(service.challenge_port), "--http-01-address",
         "127.0.0.1", "--agree-tos", "-m", "admin@ring.example", "-d", name, "-d", "room2.ring.example"], service)
    live = os.path.join(stage.folder, "certbot/config/live", name)
    first = check_chain(live + "/fullchain.pem", name)
    run([*base, "renew", "--force-renewal", "--no-random-sleep-on-renew"], service)
    second = check_chain(live + "/fullchain.pem", "room2.ring.example")
    assert first != second
    assert not is_revoked(service, second)
    run([*base, "revoke", "--cert-path", live + "/cert.pem", "--reason", "superseded", "--no-delete-after-revoke"], service)
    assert is_revoked(service, second) and not is_revoked(service, first)
    run([*base, "update_account", "-m", "other@ring.example"], service)
    run([*base, "unregister"], service)
    assert service.stop() == 0


def certbot_by_dns(stage):
    """dns-01 by hooks, and revoked by the certificate's own key."""
    dns = Dns()
    service = Identity(stage, dns, tls=True)
    records = os.path.join(stage.folder, "records")
    hook = os.path.join(stage.folder, "hook.sh")
    os.mkdir(records)
    with open(hook, "w", encoding="ascii") as f:
        f.write('#!/bin/sh\necho "$CERTBOT_VALIDATION" >"%s/$CERTBOT_DOMAIN"\n' % records)
    os.chmod(hook, stat.S_IRWXU)

    class FromFolder(dict):
        def get(self, name, default=None):
            path = os.path.join(records, name.removeprefix("_acme-challenge."))
            if not name.startswith("_acme-challenge.") or not os.path.exists(path):
                return default
            with open(path, encoding="ascii") as f:
                return ["something else", f.read().strip()]

    dns.texts = FromFolder()
    base, name = certbot_command(stage, service), "room3.ring.example"
    run([*base, "certonly", "--manual", "--preferred-challenges", "dns", "--manual-auth-hook", hook, "--agree-tos",
         "--register-unsafely-without-email", "-d", name], service)
    live = os.path.join(stage.folder, "certbot/config/live", name)
    serial = check_chain(live + "/fullchain.pem", name)
    assert ("_acme-challenge." + name, 16) in dns.asked
    run([*base, "revoke", "--cert-path", live + "/cert.pem", "--key-path", live + "/privkey.pem",
         "--no-delete-after-revoke"], service)
    assert is_revoked(service, serial)
    assert service.stop() == 0


# ---- lego ----

def lego(stage):
    service = Identity(stage, Dns(), tls=True)
    folder, name = os.path.join(stage.folder, "lego"), "room4.ring.example"
    base = [tool("lego"), "--server", service.base + "/acme/directory", "--path", folder, "--email", "admin@ring.example",
            "--accept-tos", "--domains", name, "--http", "--http.port", "127.0.0.1:%d" % service.challenge_port]
    run([*base, "run"], service)
    path = os.path.join(folder, "certificates", name + ".crt")
    first = check_chain(path, name)
    run([*base, "renew", "--days", "365", "--no-random-sleep"], service)
    second = check_chain(path, name)
    assert first != second
    run([*base, "revoke"], service)
    assert is_revoked(service, second) and not is_revoked(service, first)
    assert service.stop() == 0


# ---- uacme ----

def uacme(stage):
    service = Identity(stage, Dns())  # it takes the system's authorities alone: no TLS here
    folder, name = os.path.join(stage.folder, "uacme"), "room5.ring.example"
    web = Web(service.challenge_port)
    tokens = os.path.join(stage.folder, "tokens")
    os.mkdir(tokens)
    hook = os.path.join(stage.folder, "hook.sh")
    with open(hook, "w", encoding="ascii") as f:
        f.write('#!/bin/sh\n[ "$2" = http-01 ] || exit 1\n[ "$1" = begin ] || exit 0\n'
                'printf %%s "$5" >"%s/$4"\n' % tokens)
    os.chmod(hook, stat.S_IRWXU)

    class FromFolder(dict):
        def get(self, path, default=None):
            file = os.path.join(tokens, os.path.basename(path))
            if not os.path.exists(file):
                return default
            with open(file, "rb") as f:
                return 200, {}, f.read()

    web.answers = FromFolder()
    base = [tool("uacme"), "-v", "-c", folder, "-a", service.base + "/acme/directory", "-t", "EC"]
    run([*base, "-y", "new", "admin@ring.example"], service)
    run([*base, "-h", hook, "issue", name], service)
    path = os.path.join(folder, name, "cert.pem")
    first = check_chain(path, name)
    run([*base, "-f", "-h", hook, "issue", name], service)
    second = check_chain(path, name)
    assert first != second
    run([*base, "revoke", path], service)
    assert is_revoked(service, second)
    run([*base, "newkey"], service)
    run([*base, "deactivate"], service)
    web.close()
    assert service.stop() == 0


if __name__ == "__main__":
    cases = Cases(*sys.argv[1:3])
    sys.exit(cases.run(*[f for f in (certbot, certbot_by_dns, lego, uacme)
                         if f.__name__ in (sys.argv[3:] or f.__name__)]))
