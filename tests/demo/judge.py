"""From traces to the fields of build/demo.json, and what must hold of them."""
import glob
import json
import os

import pictures
from evidence import Capture, Export, scan

REMOVE_LIMIT_MS = 1000
CLIENT_OF = {"late": "dave", "leaver": "bob", "refused": "mallory"}
COUNTED = ("auth", "unknown", "expired", "replay", "malformed")


def codes(m):
    rows = [{"client": name, "epoch": e["epoch"], "code": e["code"]}
            for name, client in m.clients.items() for e in client.select("code")]
    by_epoch = {}
    for row in rows:
        by_epoch.setdefault(row["epoch"], set()).add(row["code"])
    told = {row["epoch"]: sum(r["epoch"] == row["epoch"] for r in rows) for row in rows}
    return {
        "codes": rows,
        "codes_equal": all(len(c) == 1 for c in by_epoch.values()) and max(told.values()) > 1,
        "code_changed_on_join": changed(m, by_epoch, "joined", lambda e: not e["present"]),
        "code_changed_on_leave": changed(m, by_epoch, "left", lambda e: True),
    }


def changed(m, by_epoch, event, where):
    """At each entry or exit that alice saw, a code that no epoch before had."""
    moments = {e["epoch"] for e in m.clients["alice"].select(event) if where(e)}
    before = lambda epoch: set().union(*(c for n, c in by_epoch.items() if n < epoch))
    return bool(moments) and all(
        epoch in by_epoch and not by_epoch[epoch] & before(epoch) for epoch in moments)


def media(m, exports):
    members = [n for n in m.clients if m.clients[n].select("stats")]
    total = lambda field: sum(m.clients[n].last("stats").get(field, 0) for n in members)
    failures, strangers = {}, 0
    gone, gone_since = of_the_leaver(m, exports)
    for name in members:
        for why, kid, after in exports[name].failures():
            if before_membership(exports, name, kid) or kid in gone and after >= gone_since:
                strangers += 1
            else:
                failures.setdefault(name, {}).setdefault(why, 0)
                failures[name][why] += 1
    return {
        "frames_sent": total("frames_sent"),
        "frames_decrypted": total("frames_decrypted"),
        "decrypt_failures": sum(sum(f.values()) for f in failures.values()),
        "failures_by_client": failures,
        "frames_of_no_current_member": strangers,
        "frames_held_for_a_key": total("held"),
        "packets_lost": total("packets_lost"),
    }


def identity_states(m, names):
    """How each viewer saw each other one last: by the roots that the viewer has."""
    rows = []
    for viewer in names:
        last = {}
        for e in m.clients[viewer].select("joined") + m.clients[viewer].select("identity"):
            if not e["person"]["self"]:
                last[e["person"]["name"]] = e["person"]["identity"]
        rows += [{"viewer": viewer, "participant": who, "state": state} for who, state in sorted(last.items())]
    return rows


def states_hold(rows, names):
    """One of each state, and each as it must be: the external one is nobody's to who lacks that root."""
    seen = {(r["viewer"], r["participant"]): r["state"] for r in rows}
    want = {"alice": "internal", "dave": "internal", "carol": "unverified", "bob": "external"}
    return len(seen) == len(names) * (len(names) - 1) and set(seen.values()) == set(want.values()) and all(
        state == ("unverified" if (viewer, who) == ("dave", "bob") else want[who])
        for (viewer, who), state in seen.items())


def epoch_of(kid, epochs):
    """The newest epoch known whose low 8 bits the KID bears."""
    return max((e for e in epochs if e % 256 == kid % 256), default=None)


def before_membership(exports, name, kid):
    """Sent with keys from before this client came in."""
    own, everybody = exports[name].epochs(), exports["alice"].epochs()
    epoch = epoch_of(kid, everybody)
    return epoch is not None and bool(own) and epoch < min(own)


def of_the_leaver(m, exports):
    """Its KIDs, and the epoch from which on it is no member: its last frames may still be on their way."""
    name = CLIENT_OF["leaver"]
    return {kid for kid, _ in exports[name].sealed()}, \
        m.clients["alice"].select("left", person=name)[0]["epoch"]


class Trials:
    """Who may open which captured frames."""

    def __init__(self, stage, m, exports):
        self.m, self.exports = m, exports
        self.capture = Capture(stage, m.tap)
        self.sender = {key: name for name in m.clients for key in exports[name].sealed()}
        self.applied = {}  # per epoch, when the first client applied it
        for export in exports.values():
            for epoch, record in export.epochs().items():
                at = self.applied.get(epoch, record["time_ms"])
                self.applied[epoch] = min(at, record["time_ms"])

    def frames_of(self, name):
        return [f for f in self.capture.frames
                if "kid" in f and self.sender.get((f["kid"], f["ctr"])) == name]

    def before_late(self):
        start = self.applied[min(self.exports[CLIENT_OF["late"]].epochs())]
        return [f for f in self.capture.frames if f["time_ms"] < start], start

    def after_leaver(self):
        """Of each remaining sender, from its first frame after it applied the Remove on, or from one
        second after the acknowledgement, whichever is earlier."""
        gone = CLIENT_OF["leaver"]
        epoch = self.m.clients["alice"].select("left", person=gone)[0]["epoch"]
        limit = self.applied[epoch] + REMOVE_LIMIT_MS
        chosen, latest = [], 0
        for name in self.m.clients:
            if name in (gone, CLIENT_OF["refused"]):
                continue
            first = self.exports[name].first_sealed_in(epoch)
            begun = set()
            for f in self.frames_of(name):
                if first.get(f["kid"], 1 << 64) <= f["ctr"] and f["ssrc"] not in begun:
                    begun.add(f["ssrc"])
                    latest = max(latest, f["time_ms"] - self.applied[epoch])
                if f["ssrc"] in begun or f["time_ms"] >= limit:
                    chosen.append(f)
        return chosen, latest

    def run(self):
        sets = {}
        sets["late"], _ = self.before_late()
        sets["leaver"], lag = self.after_leaver()
        sets["refused"] = self.capture.frames
        out, shares = {"frames_at_forwarder": len(self.capture.frames), "remove_lag_ms": lag}, []
        for who, chosen in sets.items():
            own = self.capture.attempt(chosen, [self.exports[CLIENT_OF[who]].path])
            member = self.capture.attempt(chosen, [self.exports["alice"].path])
            out[who + "_tried"] = own["tried"]
            out[who + "_keys"] = own["keys"]
            out[who + "_decrypted"] = own["decrypted"]
            shares.append(member["decrypted"] / member["tried"] if member["tried"] else 0.0)
        out["tap_control"] = min(shares)
        pairs = [(f["room"], f["kid"], f["ctr"]) for f in self.capture.frames if "kid" in f]
        out["nonces_used_twice"] = len(pairs) - len(set(pairs))
        return out


def search(stage, m, extra=()):
    needles = [m.export_of(n) for n in m.clients] + list(extra)
    return scan(stage, needles, memory=[m.snapshots.folder], disk=m.server.disk() + m.disk_copies(),
                packets=[m.tap, m.control_tap])


def at_server(stage, m):
    found = search(stage, m)
    plain = sum(f["hits"]["frame"] + f["hits"]["chat"] for f in found.values())
    return {
        "plaintext_found_at_server": plain,
        "secrets_found_at_server": sum(f["hits"]["secret"] for f in found.values()),
        "searched": {name: {"bytes": f["bytes"], "windows": f["windows"], "first": f["first"]}
                     for name, f in found.items()},
        "memory_snapshots": m.snapshots.taken,
    }


def control(stage, m):
    planted = os.path.join(m.folder, "planted.export")
    found = search(stage, m, [planted])
    keys = {name: f["hits"]["secret"] for name, f in found.items()}
    return {"control": {name: sum(f["hits"].values()) for name, f in found.items()},
            "control_frames": {name: f["hits"]["frame"] for name, f in found.items()},
            "control_planted_key": keys,
            "planted_key_found": all(n > 0 for n in keys.values())}


def recordings(stage, m, members):
    """Each file that a member recorded, one a participant heard."""
    files = [(by, path) for by in members for path in sorted(glob.glob(m.records_of(by) + "/*.webm"))]
    tones = ",".join(str(look.tone) for look in pictures.LOOKS.values())
    listing = stage.run("tests/demo/ic-mediacheck", tones, *[path for _, path in files], limit_s=120).stdout
    rows = []
    for (by, path), line in zip(files, listing.splitlines()):
        name, checked = os.path.basename(path)[:-len(".webm")], json.loads(line)
        reason = pictures.own(name, checked) if name in pictures.LOOKS else "nobody has that name"
        rows.append(dict(checked, by=by, of=name, why=reason, file=os.path.relpath(path, m.folder)))
    pairs = {(row["by"], row["of"]) for row in rows}
    return {"recordings": rows, "recordings_expected": expected_pairs(m, members),
            "recordings_missing": ["%s by %s" % (of, by) for by, of in
                                   sorted(set(expected_pairs(m, members)) - pairs)],
            "recordings_playable": sum(row["why"] is None for row in rows)}


def expected_pairs(m, members):
    return sorted({(by, e["name"]) for by in members for e in m.clients[by].select("hearing")})
