"""The administrators' API of a real identity service, every answer of which is held against
docs/api/admin.openapi.yaml.

    service = Admin(stage, Dns())                       # with a first token, all scopes
    user = service.call("POST", "/users", {"email": ..., "name": ...}, expect=201)
"""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from acme_kit import Identity  # noqa: E402
from harness import ROOT, Failure, Skipped  # noqa: E402

try:
    import jsonschema
    import yaml
except ImportError:
    jsonschema = yaml = None


class Document:
    def __init__(self):
        if not yaml:
            raise Skipped("python3-yaml and python3-jsonschema are not installed")
        with open(os.path.join(ROOT, "docs/api/admin.openapi.yaml"), encoding="utf-8") as f:
            self.all = yaml.safe_load(f)
        self.seen = set()

    def operation(self, method, path):
        """(template, operation): a fixed path wins over one with a name in it."""
        path = path.split("?")[0]
        for template in sorted(self.all["paths"], key=lambda t: "{" in t):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                found = self.all["paths"][template].get(method.lower())
                if found:
                    return template, found
        return None, None

    def resolve(self, node):
        while "$ref" in node:
            target = self.all
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part]
            node = target
        return node

    def valid(self, schema, value, what):
        whole = {"allOf": [schema], "components": self.all["components"]}
        errors = sorted(jsonschema.Draft202012Validator(whole).iter_errors(value), key=str)
        if errors:
            raise Failure("%s: %s" % (what, errors[0].message[:300]))

    def check(self, method, path, status, kind, body):
        """The answer is one that the document has, and looks as it says."""
        what = "%s %s gave %d" % (method, path, status)
        template, operation = self.operation(method, path)
        if not operation:
            if status not in (400, 401, 404, 405):
                raise Failure("%s, and is not documented" % what)
            return
        answers = operation["responses"]
        answer = answers.get(str(status)) or answers.get("%dXX" % (status // 100))
        if not answer:
            raise Failure("%s, which is not documented" % what)
        if status // 100 == 2:
            self.seen.add((method, template))
        content = self.resolve(answer).get("content")
        if not content:
            if body:
                raise Failure("%s with a body, and none is documented" % what)
            return
        if kind.split(";")[0] not in content:
            raise Failure("%s as %s, not %s" % (what, kind, list(content)))
        if kind.startswith("application/json"):
            self.valid(content["application/json"]["schema"], json.loads(body), what)

    def not_seen(self):
        return [(method.upper(), path) for path, item in self.all["paths"].items()
                for method in item if method in ("get", "post", "patch", "delete")
                and (method.upper(), path) not in self.seen]


class Admin(Identity):
    organisation = "Example GmbH"

    def __init__(self, stage, dns, **options):
        self.document = Document()
        super().__init__(stage, dns, **options)
        self.token = self.first_token()

    def first_token(self, organisation=None):
        done = subprocess.run([self.stage.program("server/incamerad"), "--config", self.config,
                               "--admin-token", organisation or self.organisation],
                              check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def raw(self, method, path, body=None, token=None, kind="application/json"):
        """(status, text): whatever is sent."""
        headers = {"Authorization": "Bearer " + (token or self.token)}
        if body is not None:
            headers["Content-Type"] = kind
        status, got, text = self.request(method, "/api/v1/admin" + path, body, headers)
        self.document.check(method, path, status, got.get("content-type") or "", text)
        return status, text

    def call(self, method, path, body=None, expect=200, token=None):
        status, text = self.raw(method, path, json.dumps(body).encode() if body is not None else None, token)
        if status != expect:
            raise Failure("%s %s gave %d, not %d: %s" % (method, path, status, expect, text[:300]))
        return json.loads(text) if text else None

    def csv(self, path, text, expect=200):
        status, answer = self.raw("POST", path, text.encode(), kind="text/csv; charset=utf-8")
        if status != expect:
            raise Failure("POST %s gave %d, not %d: %s" % (path, status, expect, answer[:300]))
        return json.loads(answer)

    def domain(self, name="example.org"):
        """A verified one, by DNS."""
        proof = self.call("POST", "/domains", {"name": name}, 201)["proof"]
        self.dns.texts[proof["txt_name"]] = ["something else", proof["txt_value"]]
        assert self.call("POST", "/domains/%s/verify" % name)["verified"]
