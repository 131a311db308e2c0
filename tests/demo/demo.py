#!/usr/bin/env python3
"""demo.py BUILD OUT.json [--keep]

Plays the main job without a screen and proves it: a real server, real clients with real media, and then
the search for what nobody outside may have. Writes OUT.json, prints the same as a table, and ends with
status 0 only if everything holds. BUILD is a build folder with test hooks (tools/build hooks).
"""
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "system")]

import judge
import story
from evidence import Export
from harness import Failure, Stage

LIMIT_S = 90
TRIED_MIN = 100
SNAPSHOTS = 5


def rows_of(r):
    """Each line of the table: what, value, whether it holds."""
    c = r["control"]
    yield "participants", r["participants"], r["participants"] == len(story.MEMBERS)
    yield "codes", "%d in %d epochs" % (len(r["codes"]), len({x["epoch"] for x in r["codes"]})), bool(r["codes"])
    for name in ("codes_equal", "code_changed_on_join", "code_changed_on_leave"):
        yield name, r[name], r[name] is True
    yield "identity_states", "%d, %s" % (len(r["identity_states"]), ", ".join(
        sorted({x["state"] for x in r["identity_states"]}))), judge.states_hold(r["identity_states"], story.MEMBERS)
    yield "frames_sent", r["frames_sent"], r["frames_sent"] > 1000
    yield "frames_decrypted", r["frames_decrypted"], r["frames_decrypted"] > r["frames_sent"]
    yield "decrypt_failures", r["decrypt_failures"], r["decrypt_failures"] == 0
    for who in judge.CLIENT_OF:
        yield who + "_tried", r[who + "_tried"], r[who + "_tried"] >= TRIED_MIN
        yield who + "_keys", r[who + "_keys"], r[who + "_keys"] > 0
        yield who + "_decrypted", r[who + "_decrypted"], r[who + "_decrypted"] == 0
    yield "tap_control", "%.4f" % r["tap_control"], r["tap_control"] >= 0.99
    yield "remove_lag_ms", r["remove_lag_ms"], r["remove_lag_ms"] <= judge.REMOVE_LIMIT_MS
    yield "nonces_used_twice", r["nonces_used_twice"], r["nonces_used_twice"] == 0
    yield "memory_snapshots", r["memory_snapshots"], r["memory_snapshots"] >= SNAPSHOTS
    yield "plaintext_found_at_server", r["plaintext_found_at_server"], r["plaintext_found_at_server"] == 0
    yield "secrets_found_at_server", r["secrets_found_at_server"], r["secrets_found_at_server"] == 0
    for place in ("memory", "disk", "packets"):
        yield "control." + place, c.get(place, 0), c.get(place, 0) > 0
    yield "planted_key_found", r["planted_key_found"], r["planted_key_found"] is True
    count = len(r["recordings"])
    yield "recordings_playable", "%d of %d" % (r["recordings_playable"], count), \
        count > 0 and r["recordings_playable"] == count and not r["recordings_missing"]
    yield "seconds", "%.1f" % r["seconds"], r["seconds"] < LIMIT_S


def gather(stage, tell):
    meeting = story.play(stage, tell)
    exports = {name: Export(meeting.export_of(name)) for name in meeting.clients}
    seen = {e["person"]["name"] for e in meeting.clients["alice"].select("joined")}
    result = {"participants": len(seen | {"alice"}), "people": sorted(seen | {"alice"})}
    result["identity_states"] = judge.identity_states(meeting, story.MEMBERS)
    result.update(judge.codes(meeting))
    result.update(judge.media(meeting, exports))
    result.update(judge.Trials(stage, meeting, exports).run())
    tell("keys are tried on %d captured frames" % result["frames_at_forwarder"])
    result.update(judge.at_server(stage, meeting))
    result.update(judge.recordings(stage, meeting, story.MEMBERS))
    tell("the server's memory, disk and packets are searched")
    result.update(judge.control(stage, story.play_plain(stage)))
    tell("the control has been played")
    return result


def explain(result):
    """What a failed line needs beside it."""
    for name, place in result["searched"].items():
        if place["first"]:
            print("  found in %s: %s" % (name, place["first"]))
    for row in result["recordings"]:
        if row["why"]:
            print("  %s: %s" % (row["file"], row["why"]))
    for missing in result["recordings_missing"]:
        print("  no recording of " + missing)
    if result["failures_by_client"]:
        print("  decrypt failures: %s" % json.dumps(result["failures_by_client"]))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--keep"]
    if len(arguments) != 2:
        print(__doc__)
        return 2
    build, out = arguments
    began = time.monotonic()
    tell = lambda text: print("%5.1f s  %s" % (time.monotonic() - began, text), flush=True)
    folder = os.path.join(os.path.dirname(os.path.abspath(out)), "demo.d")
    if os.path.exists(out):
        os.remove(out)
    try:
        with Stage(build, folder, keep="--keep" in sys.argv) as stage:
            result = gather(stage, tell)
            result["seconds"] = round(time.monotonic() - began, 1)
            rows = list(rows_of(result))
            result["passed"] = all(holds for _, _, holds in rows)
            stage.keep = stage.keep or not result["passed"]
    except Failure as failure:
        print("demo: %s\nIts traces are in %s" % (failure, folder), file=sys.stderr)
        return 1
    with open(out, "w") as f:
        json.dump(result, f, indent=1)
        f.write("\n")
    print()
    for name, value, holds in rows:
        print("%-28s %-20s %s" % (name, value, "ok" if holds else "FAILED"))
    if not result["passed"]:
        explain(result)
    print("%d passed, %d failed" % (sum(h for _, _, h in rows), sum(not h for _, _, h in rows)))
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
