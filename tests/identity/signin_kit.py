"""A server with an organisation, and people who sign in to it.

    server = stage.server()
    house = House(server)
    ana = house.person("ana")                      # an account; signed in by its invitation
    house.api("POST", "signin/password", {...})    # anybody's request: status, answer
"""
import http.client
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from harness import LIMIT_S, Failure  # noqa: E402

THUMB = "A" * 43


def check(condition, what):
    if not condition:
        raise Failure(what)


class House:
    def __init__(self, server):
        self.server = server
        self.domain = server.ready["domain"]
        self.admin_token = server.ready["admin_token"]

    def request(self, method, path, body=None, token=None, source=None):
        """status, headers, answer. source: the loopback address that it comes from."""
        host = urllib.parse.urlsplit(self.server.ready["http"])
        c = http.client.HTTPConnection("127.0.0.1", host.port, timeout=LIMIT_S,
                                       source_address=(source, 0) if source else None)
        headers = {"Content-Type": "application/json", "Host": host.netloc}
        if token:
            headers["Authorization"] = "Bearer " + token
        c.request(method, path, None if body is None else json.dumps(body), headers)
        answer = c.getresponse()
        text = answer.read()
        c.close()
        return answer.status, answer.headers, json.loads(text) if text else None

    def api(self, method, path, body=None, token=None, source=None):
        status, _, answer = self.request(method, "/api/v1/identity/" + path, body, token, source)
        return status, answer

    def admin(self, method, path, body=None, expect=(200, 201, 204)):
        status, _, answer = self.request(method, "/api/v1/admin/" + path, body, self.admin_token)
        check(status in expect, "%s %s: %s %s" % (method, path, status, answer))
        return answer

    def allow(self, **policy):
        return self.admin("PATCH", "policy", policy)

    def person(self, name):
        return Person(self, name)

    def email(self, name):
        return "%s@%s" % (name, self.domain)


class Person:
    """Somebody with an account, and the session that their last sign-in gave."""

    def __init__(self, house, name):
        self.house, self.email = house, house.email(name)
        made = house.admin("POST", "users", {"email": self.email, "name": name.title(), "invite": True})
        self.id, self.invitation = made["id"], made["invitation"]["token"]
        self.token = self.known = None
        self.take(house.api("POST", "signin/invitation", {"token": self.invitation}))

    def take(self, answered):
        status, answer = answered
        check(status == 201, "signed in: %s %s" % (status, answer))
        self.token, self.known = answer["token"], answer["known"]
        return answer

    def api(self, method, path, body=None):
        return self.house.api(method, path, body, self.token)

    def by_password(self, password, known=None, source=None):
        body = {"email": self.email, "password": password}
        if known:
            body["known"] = known
        return self.house.api("POST", "signin/password", body, source=source)

    def actions(self):
        status, answer = self.api("GET", "audit")
        check(status == 200, "audit: %s" % status)
        return [e["action"] for e in answer["events"]]
