"""The log of certificates from outside: what it says is held against docs/protocol/log.md by a program of its own."""
import os
import shutil
import stat
import sys

from acme_kit import Dns, Identity, unb64
from harness import Cases, Failure
from log_kit import (Head, Organisation, Staple, consistency_of, entry, hashes, leaf_of, path_of, root_of, sha256,
                     Reader)

ANA = [(1, "ana@ring.example"), (6, "im:ana@ring.example")]


def open_all(stage):
    dns = Dns()
    service = Identity(stage, dns)
    return service, Organisation(service, dns)


def all_leaves(org, session):
    leaves = []
    while True:
        page = org.log("entries?from=%d&count=3" % len(leaves), session)
        if not page["entries"]:
            return leaves
        leaves += [leaf_of(unb64(e)) for e in page["entries"]]


def staple_of(org, der):
    return Staple(unb64(org.log("staple?certificate=" + sha256(der).hex())["staple"]))


def path(text):
    r = Reader(unb64(text))
    found = hashes(r.vector())
    r.end()
    return found


def every_certificate_is_in_the_log_and_proofs_are_those_of_the_rfc(stage):
    service, org = open_all(stage)
    log = org.ask("GET", "/api/v1/identity/trust", None, None, 200)["logs"][0]
    session = org.person("ana@ring.example", "Ana")
    heads, issued = [Head(unb64(org.log("head")["head"]))], []
    for i in range(5):
        issued.append(org.enrol(session, "ana@ring.example", "device%d" % i))
        heads.append(Head(unb64(org.log("head")["head"])))
    leaves = all_leaves(org, session)
    assert len(leaves) == 5 and [h.size for h in heads] == list(range(6))
    for h in heads:
        h.check(stage.folder, log)
        assert h.root == root_of(leaves[:h.size])
    for index, (der, root) in enumerate(issued):
        s = staple_of(org, der)
        s.head.check(stage.folder, log)
        assert s.index == index and leaves[index] == leaf_of(entry(s.time_ms, der, root, ANA))
        assert s.path == path_of(index, leaves[:s.head.size])
    for second in range(1, 6):
        for first in range(1, second + 1):
            said = path(org.log("consistency?first=%d&second=%d" % (first, second))["path"])
            assert said == consistency_of(first, leaves[:second])
    assert org.log("staple?certificate=" + "0" * 64, want=404)


def strangers_read_no_entries_and_people_only_their_own_certificates(stage):
    service, org = open_all(stage)
    ana, ben = org.person("ana@ring.example", "Ana"), org.person("ben@ring.example", "Ben")
    der, _ = org.enrol(ana, "ana@ring.example", "phone")
    name = "certificate?hash=" + sha256(der).hex()
    org.log("entries?from=0", want=401)
    org.log(name, want=401)
    assert unb64(org.log(name, ana)["certificate"]) == der
    org.log(name, ben, want=404)
    assert len(org.log("entries?from=0", ben)["entries"]) == 1


def the_log_goes_on_after_sigkill_and_refuses_another_key(stage):
    service, org = open_all(stage)
    session = org.person("ana@ring.example", "Ana")
    first, _ = org.enrol(session, "ana@ring.example", "phone")
    before = Head(unb64(org.log("head")["head"]))
    key = os.path.join(service.folder, "data", "log.key")
    assert stat.S_IMODE(os.stat(key).st_mode) == 0o600
    service.kill()
    service.start()
    session = org.person("ben@ring.example", "Ben")
    org.enrol(session, "ben@ring.example", "laptop")
    after = Head(unb64(org.log("head")["head"]))
    leaves = all_leaves(org, session)
    assert after.size == 2 and before.root == root_of(leaves[:1]) and staple_of(org, first).index == 0
    service.kill()
    shutil.move(key, key + ".kept")
    refuses(service, "log.key is missing")
    with open(key, "w", encoding="ascii") as f:
        os.fchmod(f.fileno(), 0o600)
        f.write("11" * 32 + "\n")
    refuses(service, "is not the key that signed")
    shutil.move(key + ".kept", key)
    service.start()


def refuses(service, words):
    try:
        service.start()
    except Failure as why:
        if words in str(why):
            return
        raise
    raise Failure("it starts, though %s" % words)


def a_database_put_back_is_seen_as_a_fork(stage):
    """What docs/protocol/log.md warns of: the same size, signed twice, with other entries."""
    service, org = open_all(stage)
    log = org.ask("GET", "/api/v1/identity/trust", None, None, 200)["logs"][0]
    session = org.person("ana@ring.example", "Ana")
    service.stop()
    saved = {f: open(os.path.join(service.folder, "data", f), "rb").read()
             for f in os.listdir(os.path.join(service.folder, "data")) if f.startswith("identity.db")}
    service.start()
    org.enrol(session, "ana@ring.example", "phone")
    seen = Head(unb64(org.log("head")["head"]))
    service.kill()
    for f in os.listdir(os.path.join(service.folder, "data")):
        if f.startswith("identity.db"):
            os.remove(os.path.join(service.folder, "data", f))
    for f, data in saved.items():
        with open(os.path.join(service.folder, "data", f), "wb") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(data)
    service.start()
    org.enrol(session, "ana@ring.example", "tablet")
    now = Head(unb64(org.log("head")["head"]))
    for h in (seen, now):
        h.check(stage.folder, log)
    assert seen.size == now.size == 1 and seen.root != now.root and seen.log == now.log


if __name__ == "__main__":
    sys.exit(Cases(sys.argv[1], sys.argv[2]).run(
        every_certificate_is_in_the_log_and_proofs_are_those_of_the_rfc,
        strangers_read_no_entries_and_people_only_their_own_certificates,
        the_log_goes_on_after_sigkill_and_refuses_another_key,
        a_database_put_back_is_seen_as_a_fork))
