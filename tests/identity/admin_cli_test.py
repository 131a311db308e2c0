"""`incamera admin` against a real server: what it shows, what it says when it cannot, and its exit status."""
import json
import os
import re
import stat
import subprocess
import sys

from admin_kit import ROOT  # noqa: F401 (sets the path)
from enrol_test import secret_file
from profile_test import Person
from harness import Cases, Failure, free_port


class Cli:
    def __init__(self, stage, login=True):
        self.stage = stage
        self.server = stage.server()
        self.home = os.path.join(stage.folder, "home")
        os.environ["INCAMERA_HOME"] = self.home
        for name in ("INCAMERA_SERVER", "INCAMERA_ADMIN_TOKEN"):
            os.environ.pop(name, None)
        if login:
            self("login", "--url", self.server.url, "--token", self.token)

    @property
    def token(self):
        return self.server.ready["admin_token"]

    def __call__(self, *arguments, status=0):
        done = self.stage.run("client/incamera", "admin", *arguments, check=False)
        if done.returncode != status:
            raise Failure("admin %s: status %d, not %d: %s%s" % (" ".join(arguments), done.returncode, status,
                                                               done.stdout, done.stderr))
        assert self.token not in done.stdout + done.stderr, "the token is shown"
        return done.stdout if status == 0 else done.stdout + done.stderr

    def json(self, *arguments):
        return json.loads(self(*arguments, "--json"))


def login_is_kept_for_its_server(stage):
    cli = Cli(stage, login=False)
    assert "incamera admin login" in cli("users", "list", status=2)
    assert "ica_" in cli("login", "--url", cli.server.url, "--token", cli.server.ready["token"], status=2)
    assert "no address" in cli("login", "--url", "ftp://x", "--token", cli.token, status=2)
    wrong = cli.token[:-1] + ("A" if cli.token[-1] != "A" else "B")
    assert "incamerad --admin-token" in cli("login", "--url", cli.server.url, "--token", wrong, status=1)
    assert not os.path.exists(cli.home + "/admin.json")
    text = cli("login", "--url", cli.server.url, "--token", cli.token)
    assert "First organisation" in text and "users:read" in text and re.search(r"36[56] days", text), text
    assert stat.S_IMODE(os.stat(cli.home + "/admin.json").st_mode) == 0o600
    cli("users", "list")
    # Not to another server, which need not even be there.
    other = "https://localhost:%d" % free_port()
    assert "no access token" in cli("users", "list", "--url", other, status=2)
    os.environ["INCAMERA_SERVER"] = other
    assert "no access token" in cli("users", "list", status=2)
    del os.environ["INCAMERA_SERVER"]
    cli("logout")
    cli("users", "list", status=2)
    os.environ.update(INCAMERA_SERVER=cli.server.url, INCAMERA_ADMIN_TOKEN=cli.token)
    cli("users", "list")


def people(stage):
    cli = Cli(stage)
    assert "nobody yet" in cli("users", "list")
    text = cli("users", "add", "ana@example.org", "Ana \x1b[31mWeber", "--invite", status=1)
    assert "name: " in text, text
    text = cli("users", "add", "ana@example.org", "Ana Weber", "--invite")
    assert re.search(r"^invitation +https://\S+/signin#invitation=ici_\S{44}$", text, re.M), text
    cli("users", "add", "김@example.org", "김", status=1)
    cli("users", "add", "kim+x@example.org", "김철수")
    table = cli("users", "list").splitlines()
    assert table[0].split() == ["E-MAIL", "NAME", "STATE", "SIGNED", "IN"], table
    assert table[1].startswith("ana@example.org    Ana Weber  invited  never"), table
    assert table[2].startswith("kim+x@example.org  김철수     invited  never"), table
    assert cli.json("users", "show", "kim+x@example.org")["name"] == "김철수"
    assert "email: its domain" in cli("users", "add", "x@nowhere.example", "X", status=1)
    assert "there is a user" in cli("users", "add", "ana@example.org", "Ana", status=1)
    assert "no such user" in cli("users", "show", "nobody", status=1)
    assert "ana@example.org is suspended: 0 sessions ended" in cli("users", "suspend", "ana@example.org")
    assert "suspended: resume them first" in cli("users", "invite", "ana@example.org", status=1)
    cli("users", "resume", "ana@example.org")
    assert "Anna" in cli("users", "rename", "ana@example.org", "Anna")
    assert "--yes" in cli("users", "delete", "ana@example.org", status=1)
    cli("users", "delete", "ana@example.org", "--yes")
    assert "ana@" not in cli("users", "list")
    # Whoever is gone is still in the log, by id.
    events = cli.json("audit", "--action", "user.")["events"]
    assert events[0]["action"] == "user.deleted", events[0]
    gone = events[0]["subject"].split(":")[1]
    assert len(cli.json("audit", "--user", gone)["events"]) >= 5
    # Identifiers may begin with a dash.
    assert "no such token" in cli("tokens", "revoke", "-abcdefghijklmnopqrst-", status=1)


def bulk(stage):
    cli = Cli(stage)
    path, output = stage.folder + "/people.csv", stage.folder + "/invitations.csv"

    def write(text):
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)

    write("name,email\r\n" + "".join('"N, %d",u%d@example.org\r\n' % (i, i) for i in range(1200)) +
          "X,bad\r\n=1+1,eve@example.org\r\n")
    text = cli("users", "import", path, "--dry-run", status=1)
    assert re.search(r"^1202 +bad +email +this is no e-mail", text, re.M), text
    assert text.endswith("It would be: 1201 new, 0 renamed, 0 as they were, 1 wrong.\n"), text[-200:]
    assert "nobody yet" in cli("users", "list")
    cli("users", "import", path, "--output", output, status=1)
    assert stat.S_IMODE(os.stat(output).st_mode) == 0o600
    with open(output, encoding="utf-8") as f:
        kept = f.read().splitlines()
    assert len(kept) == 1202 and kept[0] == "email,invitation", kept[:2]
    assert re.fullmatch(r"u0@example.org,https://\S+#invitation=ici_\S{44}", kept[1]), kept[1]
    assert len(cli.json("users", "list")["users"]) == 1201
    assert len(cli.json("users", "list", "--limit", "7")["users"]) == 7
    again = json.loads(cli("users", "import", path, "--json", status=1))
    assert (again["unchanged"], again["failed"], again["rows"][-2]["line"]) == (1201, 1, 1202), again["rows"][-2:]
    export = cli("users", "export")
    assert 'eve@example.org,"\'=1+1",invited,' in export, export[:300]
    cli("users", "export", stage.folder + "/out.csv")
    with open(stage.folder + "/out.csv", encoding="utf-8", newline="") as f:
        assert f.read().count("\r\n") == 1202
    for wrong, words in (("", "is empty"), ("mail,name\n", "column 1"), ("email,name\n" + "a,b\n" * 10001, "10,000"),
                         ("email,name\n" + "x" * 300000, "too long")):
        write(wrong)
        text = cli("users", "import", path, status=2 if words in ("10,000", "is empty") else 1)
        assert words in text, text
    assert "not found" in cli("users", "import", stage.folder + "/none.csv", status=2)


def suspension_ends_it_all(stage):
    """Session, certificate, renewal: at once, and the public list says so."""
    cli = Cli(stage)
    invitation = cli.json("users", "add", "ana@example.org", "Ana Ring", "--invite")["invitation"]["token"]
    home = os.environ.pop("INCAMERA_HOME")
    ana = Person(stage, "ana")
    ana.run("enrol", cli.server.url, "--invitation-file", secret_file(stage, "invitation", invitation), "--accept-roots")
    assert ana.show()["certificate"]["state"] == "internal"
    os.environ["INCAMERA_HOME"] = home
    row = cli.json("certificates", "list", "--user", "ana@example.org")["certificates"][0]
    assert (row["name"], row["kind"], row["revoked"]) == ("ana@example.org", "person", False), row
    assert re.search(r"^%s +person +ana@example.org .* good$" % row["serial"], cli("certificates", "list"), re.M)
    assert row["serial"] not in revoked(stage, cli.server)
    text = cli("users", "suspend", "ana@example.org")
    assert "1 certificate revoked" in text, text
    assert row["serial"] in revoked(stage, cli.server)
    assert cli.json("certificates", "list")["certificates"][0]["reason"] == "privilegeWithdrawn"
    assert "revoked: privilegeWithdrawn" in cli("certificates", "list")
    print("     renewal of who is suspended: " + ana.refused("renew").strip())
    cli("users", "resume", "ana@example.org")
    # One alone, by its number.
    invitation = cli.json("users", "invite", "ana@example.org")["token"]
    os.environ.pop("INCAMERA_HOME")
    ana.run("enrol", cli.server.url, "--invitation-file", secret_file(stage, "again", invitation), "--accept-roots")
    os.environ["INCAMERA_HOME"] = home
    fresh = cli.json("certificates", "list", "--limit", "1")["certificates"][0]
    assert not fresh["revoked"] and fresh["serial"] != row["serial"]
    assert "what" not in cli("certificates", "revoke", fresh["serial"], "--reason", "keyCompromise")
    assert fresh["serial"] in revoked(stage, cli.server)
    actions = [e["action"] for e in cli.json("audit", "--since", "1h", "--limit", "100")["events"]]
    assert {"user.suspended", "certificate.revoked", "certificate.issued"} <= set(actions), actions


def revoked(stage, server):
    path = stage.folder + "/list.crl"
    subprocess.run(["curl", "-s", "-o", path, server.ready["http"] + "/pki/crl.der"], check=True)
    text = subprocess.run(["openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-text"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return [n.lower() for n in re.findall(r"Serial Number: (\w+)", text)]


def policies_hold_for_meetings(stage):
    cli = Cli(stage)

    def make(admission, status):
        done = stage.run("client/incamera", "meeting", "create", "--server", cli.server.url, "--token",
                         cli.server.ready["token"], "--identity", stage.folder + "/host", "--admission", admission,
                         *(["--root", cli.server.dir + "/tls/ca.pem"] if admission == "verified" else []), check=False)
        assert done.returncode == status, (admission, done.stdout, done.stderr)
        return done.stderr

    make("link", 0)
    cli("policy", "set", "guests=no")
    assert "no guests in by link" in make("link", 1)
    make("host", 0)
    cli("policy", "set", "guests=yes", "verified-members=yes")
    assert "verified members only" in make("host", 1) and "verified members only" in make("link", 1)
    make("verified", 0)
    cli("policy", "set", "verified-members=no")
    make("link", 0)


def everything_else(stage):
    cli = Cli(stage)
    text = cli("domains", "add", "two.example")
    assert '_incamera-domain.two.example. TXT "incamera-domain=' in text, text
    assert re.search(r"two.example +no ", cli("domains", "list"))
    assert "no such domain" in cli("domains", "verify", "three.example", status=1)
    cli("domains", "remove", "two.example")
    text = cli("policy", "set", "passwords=yes", "session=3d", "session_idle_s=1800")
    assert re.search(r"^passwords +yes ", text, re.M) and re.search(r"^session +3 days ", text, re.M), text
    assert re.search(r"^session-idle +30 minutes ", cli("policy", "show"), re.M)
    assert "no policy is called" in cli("policy", "set", "colour=red", status=2)
    assert "yes or no" in cli("policy", "set", "guests=maybe", status=2)
    assert "session_s: seconds from" in cli("policy", "set", "session=10s", status=1)
    ca = os.path.join(cli.server.dir, "tls/ca.pem")
    assert re.search(r"^accepted +House$", cli("roots", "add", ca, "--name", "House"), re.M)
    root = cli.json("roots", "list")["roots"][0]
    assert "at least 8" in cli("roots", "remove", root["fingerprint"][:4], status=1)
    cli("roots", "remove", root["fingerprint"][:8])
    assert "No external authority" in cli("roots", "list")
    made = cli.json("tokens", "add", "staff", "--scopes", "users:read", "--expires", "12h")
    assert "all" in cli("tokens", "list") and "staff" in cli("tokens", "list")
    assert "lacks the scope domains" in cli("domains", "list", "--token", made["token"], status=1)
    cli("users", "list", "--token", made["token"])
    assert "scopes are" in cli("tokens", "add", "x", "--scopes", "root", status=1)
    assert "--scopes" in cli("tokens", "add", "x", status=2)
    cli("tokens", "revoke", made["id"])
    assert "--admin-token" in cli("users", "list", "--token", made["token"], status=1)
    assert "issued nothing" in cli("certificates", "list")
    assert "policy.changed" in cli("audit", "--since", "1h", "--limit", "200")
    assert "Nothing has happened" in cli("audit", "--until", "2001-01-01T00:00Z")
    assert "--since wants" in cli("audit", "--since", "yesterday", status=2)
    assert "there is no command admin nonsense" in cli("nonsense", status=2)
    assert "users what?" in cli("users", status=2)
    assert "it is: incamera admin users add EMAIL NAME" in cli("users", "add", "x", status=2)
    assert "users import" in cli("--help") and "roots" not in cli("users", "--help").split("--url")[0]


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(login_is_kept_for_its_server, people, bulk, suspension_ends_it_all,
                                       policies_hold_for_meetings, everything_else))
