"""Where sound and pictures come from and where they go: files good and bad, devices that are missing, disks that
are full, people who share a name."""
import json
import os
import resource
import subprocess
import sys
import time

from harness import LIMIT_S, Cases, Failure, die_with_parent
from pseudoterminal import Person

SILENT = ("--audio", "none", "--video", "none")


def encode(*pipeline):
    done = subprocess.run(["gst-launch-1.0", "-q", *" ".join(pipeline).split()], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S,
                          preexec_fn=die_with_parent)
    if done.returncode != 0:
        raise Failure("gst-launch-1.0: " + done.stdout.decode("utf-8", "replace")[-300:])


def tone(hz, seconds=3):
    return "audiotestsrc freq=%d num-buffers=%d samplesperbuffer=4800 ! audio/x-raw,rate=48000 ! audioconvert" % (
        hz, seconds * 10)


def red(seconds=3):
    return "videotestsrc pattern=red num-buffers=%d ! video/x-raw,width=160,height=90,framerate=15/1" % (
        15 * seconds)


def recorder(stage, *options):
    link = stage.server().create_meeting("alice")
    folder = os.path.join(stage.folder, "recorded")
    alice = stage.client("alice", link, "--record", folder, "--stats", "1", *options)
    alice.enter()
    return link, alice, folder


def guest(stage, link, alice, name, *options):
    mark = alice.mark()
    bob = stage.client(name, link, "--size", "160x90", "--fps", "15", "--stats", "1", *options)
    alice.admit(options[options.index("--name") + 1] if "--name" in options else name, since=mark)
    bob.enter()
    return bob


def end(alice, *others):
    alice.send("end")
    for client in (alice, *others):
        assert client.finish() == 0, client.last_words()


def play(stage, path, *options):
    done = stage.run("tests/demo/ic-mediacheck", *options, "500,600,700,800", path)
    found = json.loads(done.stdout)
    if "error" in found:
        raise Failure("%s does not play: %s" % (path, found["error"]))
    return found


def heard(stage, *media):
    link, alice, folder = recorder(stage)
    bob = guest(stage, link, alice, "bob", "--loop", *media)
    alice.expect_hearing("bob", streams=["audio", "video"] if "--video" in media else ["audio"])
    alice.expect_flow(more=120)
    end(alice, bob)
    return play(stage, folder + "/bob.webm", *([] if "--video" in media else ["--sound"]))


def sound_from_ogg(stage):
    path = stage.folder + "/tone.ogg"
    encode(tone(700), "! opusenc ! oggmux ! filesink location=" + path)
    found = heard(stage, "--audio", path)
    assert found["tone"] == 700 and found["tone_share"] > 0.7, found


def sound_and_pictures_from_webm(stage):
    path = stage.folder + "/both.webm"
    encode("webmmux name=m ! filesink location=" + path, tone(600), "! opusenc ! m.", red(),
           "! vp8enc deadline=1 ! m.")
    found = heard(stage, "--audio", path, "--video", path)
    assert found["tone"] == 600 and found["tone_share"] > 0.7, found
    assert found["frames"] > 10 and found["v"] > 200, found


def bad_files_are_told_before_anybody_is_met(stage):
    link = stage.server().create_meeting("alice")
    noise, empty, silent = (stage.folder + "/" + n for n in ("noise.wav", "empty.webm", "silent.webm"))
    with open(noise, "wb") as out:
        out.write(os.urandom(5000))
    open(empty, "wb").close()
    with open(stage.folder + "/broken.y4m", "w") as out:
        out.write("YUV4MPEG2 W0 H7\n")
    encode(red(1), "! vp8enc deadline=1 ! webmmux ! filesink location=" + silent)
    for option, path in (("--audio", "/nowhere/sound.wav"), ("--audio", noise), ("--audio", empty),
                         ("--audio", silent), ("--video", noise), ("--audio", stage.folder),
                         ("--video", stage.folder + "/broken.y4m"), ("--record", "/proc/recordings"),
                         ("--record", noise)):
        began = time.monotonic()
        done = stage.run("client/incamera", "join", link, option, path, "--json", "--identity",
                         stage.folder + "/identity", check=False)
        assert done.returncode == 2 and not done.stdout, "%s %s: status %d: %s" % (
            option, path, done.returncode, done.stdout)
        assert done.stderr.startswith("incamera: ") and path in done.stderr, done.stderr
        assert done.stderr.count("\n") == 1 and time.monotonic() - began < LIMIT_S / 2, done.stderr


def a_file_that_vanishes_ends_one_source_alone(stage):
    """Readable at the door, gone when the media opens: the picture goes on."""
    path = stage.folder + "/gone.ogg"
    encode(tone(700, 1), "! opusenc ! oggmux ! filesink location=" + path)
    link, alice, _ = recorder(stage)
    bob = stage.client("bob", link, "--size", "160x90", "--audio", path, "--video", "test:ball")
    bob.expect("waiting")
    os.unlink(path)
    alice.admit("bob")
    ended = bob.expect("source_ended", kind="audio")
    assert path in ended["why"], ended
    alice.expect_hearing("bob", streams=["video"])
    end(alice, bob)


def a_missing_device_is_told_and_replaced(stage):
    """For machines without camera and microphone, as those that run tests are."""
    link, alice, folder = recorder(stage)
    bob = guest(stage, link, alice, "bob", "--audio", "mic", "--video", "camera")
    if not os.path.exists("/dev/video0"):
        assert "test picture" in bob.expect("device_missing", device="camera")["why"]
    if not os.path.exists("/dev/snd"):
        assert "silence" in bob.expect("device_missing", device="microphone")["why"]
    alice.expect_hearing("bob")
    alice.expect_flow(more=60)
    end(alice, bob)
    if not os.path.exists("/dev/snd"):
        assert play(stage, folder + "/bob.webm")["tone_share"] == 0, "a tone goes out for want of a microphone"


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def without_a_loudspeaker_it_goes_on_quietly(stage):
    link, alice, _ = recorder(stage)
    person = Person(stage, "Bob", link, *SILENT, play=True)
    alice.admit("Bob")
    person.sees("Security code")
    if not os.path.exists("/dev/snd"):
        person.sees("there is no loudspeaker: nothing is played")
    carol = guest(stage, link, alice, "carol", "--audio", "test:tone:500")
    person.sees("The sound of carol arrives")
    before, began = cpu_seconds(person.pid), time.monotonic()
    carol.expect_flow("frames_sent", more=100)
    used, took = cpu_seconds(person.pid) - before, time.monotonic() - began
    assert used < took / 2, "%.2f s of processor time in %.2f s" % (used, took)
    assert person.leave() == 0


def a_full_disk_ends_the_recording_alone(stage):
    link, alice, folder = recorder(stage)
    resource.prlimit(alice.pid, resource.RLIMIT_FSIZE, (150000, 150000))
    bob = guest(stage, link, alice, "bob", "--audio", "test:tone:500", "--video", "test:snow")
    failed = alice.expect("record_failed", name="bob")
    assert "disk" in failed["why"], failed
    assert os.path.getsize(folder + "/bob.webm") <= 150000
    bob.chat("still here")
    alice.expect_line("still here")
    alice.expect_flow(more=60)
    alice.send("end")
    assert bob.finish() == 0, bob.last_words()  # who records nothing is done as soon as this machine can
    began = time.monotonic()
    assert alice.finish() == 0, alice.last_words()
    assert time.monotonic() - began < 4, "the failed recording was waited for"
    assert not alice.select("recorded", name="bob"), "it is told as finished"


def sound_alone_is_recorded(stage):
    link, alice, folder = recorder(stage)
    bob = guest(stage, link, alice, "bob", "--audio", "test:tone:800")
    alice.expect_flow(more=200)
    end(alice, bob)
    found = play(stage, folder + "/bob.webm", "--sound")
    assert found["tone"] == 800 and found["tone_share"] > 0.9 and found["frames"] == 0, found
    assert found["audio_ms"] > 2000, found


def two_of_one_name_have_a_file_each(stage):
    link, alice, folder = recorder(stage)
    first = guest(stage, link, alice, "bob", "--audio", "test:tone:500")
    second = guest(stage, link, alice, "other", "--audio", "test:tone:600", "--name", "bob")
    alice.expect_flow(more=300)
    end(alice, first, second)
    files = sorted(e["path"] for e in alice.select("recorded"))
    assert files == [folder + "/bob-2.webm", folder + "/bob.webm"], files
    found = [play(stage, path, "--sound") for path in files]
    assert sorted(f["tone"] for f in found) == [500, 600], found
    assert all(f["tone_share"] > 0.9 for f in found), found


def who_returns_is_recorded_again(stage):
    link, alice, _ = recorder(stage)
    bob = guest(stage, link, alice, "bob", "--audio", "test:tone:500", "--video", "test:red")
    alice.expect_flow(more=80)
    bob.send("leave")
    assert bob.finish() == 0
    alice.expect("left", person="bob")
    mark = alice.mark()
    bob = guest(stage, link, alice, "bob", "--audio", "test:tone:700", "--video", "test:red")
    alice.expect_hearing("bob", since=mark)
    alice.expect_flow(more=80)
    end(alice, bob)
    found = [play(stage, e["path"]) for e in alice.select("recorded")]
    assert sorted(f["tone"] for f in found) == [500, 700], found


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(
        sound_from_ogg, sound_and_pictures_from_webm, bad_files_are_told_before_anybody_is_met,
        a_file_that_vanishes_ends_one_source_alone, a_missing_device_is_told_and_replaced,
        without_a_loudspeaker_it_goes_on_quietly, a_full_disk_ends_the_recording_alone,
        sound_alone_is_recorded, two_of_one_name_have_a_file_each, who_returns_is_recorded_again))
