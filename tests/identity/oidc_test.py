"""Signing in by OpenID Connect, with a real provider (oidc-provider on node): the good way, and every way in which
an answer is replayed, mixed up or somebody else's."""
import http.client
import json
import os
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from signin_kit import THUMB, House, check  # noqa: E402
from harness import LIMIT_S, ROOT, Cases, Failure, Program, Skipped  # noqa: E402

LOOPBACK = "http://127.0.0.1:49152/signin"


class Provider(Program):
    """People sign in to it by name; it says of them what `people` says."""

    def __init__(self, stage, house, people, conform):
        folder = subprocess.run([os.path.join(ROOT, "tools/oidc-provider")], stdout=subprocess.PIPE, text=True,
                                check=True).stdout.strip()
        if not folder:
            raise Skipped("oidc-provider cannot be had")
        page = house.server.ready["https"] + "/signin"
        clients = [
            {"client_id": "web", "client_secret": "s3cret & more", "redirect_uris": [page]},
            {"client_id": "terminal", "token_endpoint_auth_method": "none", "application_type": "native",
             "redirect_uris": ["http://127.0.0.1/signin"]},
        ]
        super().__init__("provider", [os.path.join(folder, "oidc-provider")], stage.folder, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
        stage.programs.append(self)
        self.process.stdin.write((json.dumps({"clients": clients, "people": people, "conform": conform}) + "\n").encode())
        self.process.stdin.flush()
        self.issuer = json.loads(self.process.stdout.readline())["issuer"]


class Browser:
    """Follows a provider's pages as somebody who signs in as `login`; gives the last redirection's query."""

    def __init__(self, login):
        self.login, self.cookies = login, {}

    def ask(self, url, form=None):
        parts = urllib.parse.urlsplit(url)
        c = http.client.HTTPConnection(parts.hostname, parts.port, timeout=LIMIT_S)
        headers = {"Cookie": "; ".join("%s=%s" % kv for kv in self.cookies.items())}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(form)
        c.request("GET" if form is None else "POST", parts.path + ("?" + parts.query if parts.query else ""), body,
                  headers)
        answer = c.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        c.close()
        where = answer.headers.get("Location")
        return urllib.parse.urljoin(url, where) if where else None, text

    def sign_in(self, url, back):
        for _ in range(12):
            where, page = self.ask(url)
            if not where:
                action = re.search(r'action="([^"]+)"', page)
                prompt = re.search(r'name="prompt" value="([^"]+)"', page)
                check(action and prompt, "a page of the provider: %s" % page[:300])
                where, _ = self.ask(urllib.parse.urljoin(url, action.group(1)),
                                    {"prompt": prompt.group(1), "login": self.login, "password": "any"})
            if where.startswith(back):
                return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))
            url = where
        raise Failure("the provider does not send back")


class Scene:
    def __init__(self, stage, people, conform=False):
        self.house = House(stage.server())
        self.provider = Provider(stage, self.house, people, conform)
        self.web = self.add("web", "s3cret & more")
        self.terminal = self.add("terminal", "")
        self.page = self.house.server.ready["https"] + "/signin"

    def add(self, client, secret, **more):
        body = dict({"name": "Login " + client, "issuer": self.provider.issuer, "client_id": client}, **more)
        if secret:
            body["secret"] = secret
        return self.house.admin("POST", "providers", body)["id"]

    def begin(self, provider=None, **more):
        status, answer = self.house.api("POST", "signin/oidc/begin", dict({"provider": provider or self.web}, **more))
        check(status == 200, "begun: %s %s" % (status, answer))
        return answer

    def answer(self, login, provider=None, **more):
        """What a page has when the provider sent it back, and its secret."""
        begun = self.begin(provider, **more)
        back = Browser(login).sign_in(begun["url"], more.get("redirect", self.page))
        check("code" in back, "the provider's answer: %s" % back)
        return {"state": back["state"], "code": back["code"], "iss": back["iss"], "secret": begun["secret"]}

    def finish(self, answer):
        return self.house.api("POST", "signin/oidc/finish", answer)

    def sign_in(self, login, provider=None, **more):
        return self.finish(self.answer(login, provider, **more))


def verified(scene_domain, name):
    return {"email": "%s@%s" % (name, scene_domain), "email_verified": True}


def people_sign_in_by_their_provider(stage):
    people = {"ana-1": verified("example.org", "ana")}
    scene = Scene(stage, people)
    ana = scene.house.person("ana")
    status, methods = scene.house.api("GET", "methods?email=" + ana.email)
    check("oidc" in methods["methods"] and len(methods["providers"]) == 2, "methods: %s" % methods)
    answer = ana.take(scene.sign_in("ana-1"))
    check(answer["user"]["email"] == ana.email, "it is her")
    check(answer["fresh_until"] > 0, "the provider says when she signed in there")
    check(ana.api("POST", "enrolments", {"thumbprint": THUMB})[0] == 201, "and so she may enrol")
    ana.take(scene.sign_in("ana-1"))
    ana.take(scene.sign_in("ana-1", scene.terminal, redirect=LOOPBACK))
    actions = ana.actions()
    check(actions.count("signin.oidc") == 3 and actions.count("signin.linked") == 2,
          "she reads of it: %s" % actions)


def an_address_may_come_from_userinfo(stage):
    people = {"ana-1": verified("example.org", "ana"),
              "ben-1": {"email": "ben@example.org", "email_verified": False}}
    scene = Scene(stage, people, conform=True)
    ana = scene.house.person("ana")
    scene.house.person("ben")
    check(ana.take(scene.sign_in("ana-1"))["user"]["email"] == ana.email, "it is her")
    check(scene.sign_in("ben-1")[0] == 401, "and not verified is not verified")


def answers_are_good_once_and_for_who_began(stage):
    people = {"ana-1": verified("example.org", "ana"), "eve-1": verified("example.org", "eve")}
    scene = Scene(stage, people)
    scene.house.person("ana")
    scene.house.person("eve")
    good = scene.answer("ana-1")
    other = scene.begin()
    # Login CSRF: Eve's code and state in Ana's browser, whose secret is another.
    eve = scene.answer("eve-1")
    for wrong in (dict(good, secret=other["secret"]), dict(eve, secret=good["secret"]),
                  dict(good, state="x" + good["state"][1:]), dict(good, state=good["state"].replace(".0", ".1")),
                  dict(good, state=good["state"][:64]), dict(good, secret="A" * 43)):
        status, answer = scene.finish(wrong)
        check(status == 401, "mixed up: %s %s" % (status, answer))
    # Her code under another sign-in's verifier: PKCE, at the provider.
    mixed = scene.answer("ana-1")
    status, answer = scene.finish(dict(mixed, code=eve["code"]))
    check(status == 401, "another's code: %s %s" % (status, answer))
    # Mix-up: the answer of another provider, or one that does not say whose it is although this one does.
    for wrong in (dict(good, iss="https://evil.example"), {k: v for k, v in good.items() if k != "iss"}):
        status, answer = scene.finish(wrong)
        check(status == 401, "another provider's: %s %s" % (status, answer))
    check(scene.finish(good)[0] == 201, "the right one")
    status, answer = scene.finish(good)
    check(status == 401, "and once: %s %s" % (status, answer))
    for bad in ({}, {"state": 1}, dict(good, code="")):
        check(scene.finish(bad)[0] == 400, "no such fields")


def provider_alone_takes_no_account_over(stage):
    people = {
        "ana-1": verified("example.org", "ana"),
        "ana-2": verified("example.org", "ana"),                                    # another subject, the same address
        "ben-unverified": {"email": "ben@example.org", "email_verified": False},
        "ben-text": {"email": "ben@example.org", "email_verified": "true"},
        "stranger": {"email": "stranger@elsewhere.example", "email_verified": True},
        "nobody": verified("example.org", "nobody"),
        "no-address": {},
    }
    scene = Scene(stage, people)
    ana = scene.house.person("ana")
    scene.house.person("ben")
    ana.take(scene.sign_in("ana-1"))
    said = set()
    for login in ("ana-2", "ben-unverified", "ben-text", "stranger", "nobody", "no-address"):
        status, answer = scene.sign_in(login)
        check(status == 401, "%s: %s %s" % (login, status, answer))
        said.add(answer["text"])
    check(len(said) == 1, "and all hear the same: %s" % said)
    # Where addresses of this provider are not believed, or the organisation does not want it, nobody is linked.
    scene.house.admin("DELETE", "providers/%d" % scene.web)
    scene.web = scene.add("web", "s3cret & more", trust_email=False)
    check(scene.sign_in("ana-1")[0] == 401, "not believed")
    scene.house.allow(oidc_links_email=False)
    scene.house.admin("DELETE", "providers/%d" % scene.terminal)
    scene.terminal = scene.add("terminal", "")
    check(scene.sign_in("ana-1", scene.terminal, redirect=LOOPBACK)[0] == 401, "not wanted")


def redirections_are_ours(stage):
    scene = Scene(stage, {})
    for where in ("https://evil.example/signin", "http://127.0.0.1.evil.example:80/signin", "http://127.0.0.1:80/other",
                  "http://127.0.0.1:80/signin?x", "http://127.0.0.1:70000/signin", "http://127.0.0.1:0/signin"):
        status, answer = scene.house.api("POST", "signin/oidc/begin", {"provider": scene.web, "redirect": where})
        check(status == 400, "%s: %s %s" % (where, status, answer))
    check(scene.house.api("POST", "signin/oidc/begin", {"provider": 999})[0] == 404, "no such provider")


def a_provider_that_is_gone_is_said_so(stage):
    scene = Scene(stage, {"ana-1": verified("example.org", "ana")})
    ana = scene.house.person("ana")
    good = scene.answer("ana-1")
    scene.provider.kill()
    status, answer = scene.finish(good)
    check(status == 502 and answer["error"] == "provider", "%s %s" % (status, answer))
    check(ana.api("GET", "me")[0] == 200, "and everything else goes on")


if __name__ == "__main__":
    sys.exit(Cases(sys.argv[1], sys.argv[2]).run(
        people_sign_in_by_their_provider, an_address_may_come_from_userinfo,
        answers_are_good_once_and_for_who_began, provider_alone_takes_no_account_over,
        redirections_are_ours, a_provider_that_is_gone_is_said_so))
