"""Who sends what: each participant's own tone and own picture, told apart by nothing else."""
import random

WIDTH, HEIGHT, FPS, SECONDS = 160, 90, 15, 4


class Look:
    def __init__(self, tone, u, v):
        self.tone, self.u, self.v = tone, u, v


# Tones that are no multiples of one another; colours far apart in both chroma planes.
LOOKS = {
    "alice": Look(420, 70, 180),
    "bob": Look(610, 190, 80),
    "carol": Look(890, 80, 75),
    "dave": Look(1270, 185, 185),
    "mallory": Look(1730, 128, 128),
}


def write_y4m(path, name):
    """Grain that drifts over a plane of the sender's colour: it moves, and no two frames are alike."""
    look, dice = LOOKS[name], random.Random(name)
    grain = bytes(dice.randrange(70, 180) for _ in range(WIDTH * 2))
    chroma = bytes([look.u]) * (WIDTH // 2 * HEIGHT // 2) + bytes([look.v]) * (WIDTH // 2 * HEIGHT // 2)
    with open(path, "wb") as out:
        out.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT, FPS))
        for n in range(FPS * SECONDS):
            shifts = [(n * 3 + (row // 10) * 17) % WIDTH for row in range(HEIGHT)]
            luma = b"".join(grain[shift:shift + WIDTH] for shift in shifts)
            out.write(b"FRAME\n" + luma + chroma)


def sources(folder, name):
    """The options of `incamera join` for this participant's media."""
    path = "%s/%s.y4m" % (folder, name)
    write_y4m(path, name)
    return ["--audio", "test:tone:%d" % LOOKS[name].tone, "--video", path, "--loop",
            "--size", "%dx%d" % (WIDTH, HEIGHT), "--fps", str(FPS)]


def own(name, checked):
    """Whether a recording, as ic-mediacheck tells it, is the one of this sender. The reason, or None."""
    look = LOOKS[name]
    if "error" in checked:
        return checked["error"]
    if checked["audio_ms"] < 1000 or checked["frames"] < FPS:
        return "only %d ms of sound and %d pictures" % (checked["audio_ms"], checked["frames"])
    if checked["tone"] != look.tone or checked["tone_share"] < 0.8:
        return "its tone is %.0f Hz in %.0f %%, not %d" % (
            checked["tone"], 100 * checked["tone_share"], look.tone)
    if abs(checked["u"] - look.u) > 20 or abs(checked["v"] - look.v) > 20:
        return "its colour is %.0f/%.0f, not %d/%d" % (checked["u"], checked["v"], look.u, look.v)
    return None
