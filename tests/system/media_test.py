"""Media from files, over a network that loses packets, into recordings that play."""
import json
import math
import os
import struct
import sys
import wave

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "demo"))

import pictures
from harness import Cases, Failure

TONES = "500,700," + ",".join(str(look.tone) for look in pictures.LOOKS.values())


def write_wav(path, tone):
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(44100)
        out.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * tone * n / 44100)))
                                 for n in range(3 * 44100)))


def pair(stage, bob_media, server_options=(), environment=None):
    """alice records what bob sends; both are in."""
    server = stage.server(*server_options, name="server-%d" % len(stage.programs), environment=environment)
    link = server.create_meeting("alice")
    records = os.path.join(stage.folder, "recorded")
    alice = stage.client("alice", link, "--record", records, "--stats", "1")
    alice.enter()
    bob = stage.client("bob", link, "--size", "160x90", "--fps", "15", "--stats", "1", *bob_media)
    alice.admit("bob")
    bob.enter()
    return alice, bob, os.path.join(records, "bob.webm")


def play(stage, path):
    found = json.loads(stage.run("tests/demo/ic-mediacheck", TONES, path).stdout)
    if "error" in found:
        raise Failure("%s does not play: %s" % (path, found["error"]))
    return found


def record(stage, bob_media, frames=200, **pair_options):
    alice, bob, path = pair(stage, bob_media, **pair_options)
    alice.expect_hearing("bob")
    alice.expect_flow(more=frames)
    alice.send("end")
    alice.expect("recorded", name="bob")
    for client in (alice, bob):
        status = client.finish()
        assert status == 0, "%s ended with status %s: %s" % (client.name, status, client.last_words())
    return alice, bob, play(stage, path)


def sound_from_a_wav_and_pictures_from_a_y4m(stage):
    wav, y4m = stage.folder + "/sound.wav", stage.folder + "/carol.y4m"
    write_wav(wav, 500)
    pictures.write_y4m(y4m, "carol")
    _, _, found = record(stage, ["--audio", wav, "--video", y4m, "--loop"])
    assert found["tone"] == 500 and found["tone_share"] > 0.7, found
    assert abs(found["u"] - 80) < 20 and abs(found["v"] - 75) < 20, found


def a_recording_is_a_source_again(stage):
    """WebM out, WebM in: both tracks of one file."""
    y4m = stage.folder + "/bob.y4m"
    pictures.write_y4m(y4m, "bob")
    _, _, first = record(stage, ["--audio", "test:tone:700", "--video", y4m, "--loop"])
    kept = stage.folder + "/kept.webm"
    os.rename(first["file"], kept)
    _, _, found = record(stage, ["--audio", kept, "--video", kept, "--loop"])
    assert found["tone"] == 700 and found["tone_share"] > 0.7, found
    assert abs(found["u"] - first["u"]) < 20 and abs(found["v"] - first["v"]) < 20, found


def a_file_that_ends_is_told(stage):
    wav = stage.folder + "/sound.wav"
    write_wav(wav, 500)
    _, bob, _ = pair(stage, ["--audio", wav])
    bob.expect("source_ended", kind="audio")
    assert bob.running(), "the end of a file ended the client"


def lost_packets_are_mended(stage):
    alice, bob, found = record(stage, ["--audio", "test:tone:610", "--video", "test:smpte"], frames=600,
                               environment={"IC_TEST_LOSS": "5"})
    stats = alice.last("stats")
    for why in ("auth", "replay", "malformed", "unknown"):
        assert stats["failed_" + why] == 0, "frames were refused: %s" % stats
    assert bob.last("stats")["retransmitted"] > 0, "nothing was sent again: %s" % bob.last("stats")
    assert found["tone"] == 610 and found["tone_share"] > 0.7, found
    assert found["frames"] > 0.6 * 15 * found["audio_ms"] / 1000, "most pictures are missing: %s" % found


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        sound_from_a_wav_and_pictures_from_a_y4m, a_recording_is_a_source_again,
        a_file_that_ends_is_told, lost_packets_are_mended))
