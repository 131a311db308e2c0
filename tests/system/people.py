"""People with certificates, for the demo and the tests: by the server's own CA, and by one that is somebody else's.

    ring = Authority(folder, "Ring CA")
    home = enrolled(stage, server, "alice")              # internal: invited, signed in, enrolled by ACME
    home = certified(stage, ring, "bob")                 # external: csr, the authority's answer, import
    alice = stage.client("alice", link, home=home)

A home is what $INCAMERA_HOME names: key, certificate, roots, contacts of one device.
"""
import json
import os
import subprocess
import urllib.request

from harness import LIMIT_S

DOMAIN = "example.org"
LEAF = """basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = email:{email}, URI:im:{email}
"""


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """A certification authority of some other organisation, by the openssl program."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        os.makedirs(folder, exist_ok=True)
        self.root = os.path.join(folder, "root.pem")
        openssl(folder, "req", "-new", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", "root.key", "-out", "root.pem", "-days", "3650", "-subj", "/CN=%s/O=Ring" % name,
                "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def answer(self, request, email, days=90):
        """The certificate for a request, in PEM."""
        with open(os.path.join(self.folder, "leaf.cnf"), "w") as f:
            f.write(LEAF.format(email=email))
        out = request + ".crt"
        openssl(self.folder, "x509", "-req", "-in", request, "-CA", "root.pem", "-CAkey", "root.key",
                "-CAcreateserial", "-days", str(days), "-sha256", "-extfile", "leaf.cnf", "-out", out)
        return out


def home_of(stage, name):
    home = os.path.join(stage.folder, "homes", name)
    os.makedirs(home, mode=0o700, exist_ok=True)
    return home


def identity(stage, home, *arguments, **options):
    """`incamera identity ...` of that home."""
    return stage.run("client/incamera", "identity", *arguments, environment={"INCAMERA_HOME": home}, **options)


def admin(server, method, path, body=None):
    """One request of an administrator; the answer's object."""
    request = urllib.request.Request(
        server.ready["http"] + "/api/v1/admin" + path, method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + server.ready["admin_token"], "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def invite(server, name, email=None):
    """A new user; the token of the invitation."""
    user = admin(server, "POST", "/users", {"email": email or "%s@%s" % (name, DOMAIN), "name": name, "invite": True})
    return user["invitation"]["token"]


def enrolled(stage, server, name, *options):
    """By the server's own CA. The home."""
    home = home_of(stage, name)
    invitation = os.path.join(home, "invitation")
    with open(invitation, "w") as f:
        f.write(invite(server, name) + "\n")
    identity(stage, home, "enrol", server.url, "--invitation-file", invitation, "--device", "%s's laptop" % name,
             "--accept-roots", *options)
    os.remove(invitation)
    return home


def certified(stage, authority, name, email=None):
    """By somebody else's CA: the key is made here, and only the request leaves. The home."""
    home = home_of(stage, name)
    email = email or "%s@ring.example" % name
    request = os.path.join(home, "request.pem")
    identity(stage, home, "csr", "--name", name, "--organisation", "Ring", "--email", email, "--out", request)
    identity(stage, home, "import", authority.answer(request, email))
    return home


def trusts(stage, home, authority):
    identity(stage, home, "roots", "add", authority.root)


def fetch_root(server, path):
    """The root of the server's own CA, as anybody may have it."""
    with urllib.request.urlopen(server.ready["http"] + "/pki/root.pem", timeout=LIMIT_S) as answer, open(path, "wb") as out:
        out.write(answer.read())
