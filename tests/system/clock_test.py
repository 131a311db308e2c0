"""A client whose clock is off by more than 5 minutes says so; one that is off by less does not."""
import sys

from harness import Cases


def off_by(stage, minutes):
    link = stage.server().create_meeting("alice")
    alice = stage.client("alice", link)
    alice.enter()
    bob = stage.client("bob", link, environment={"IC_TEST_CLOCK_OFFSET_MS": str(minutes * 60000)})
    alice.admit("bob")
    bob.enter()
    bob.chat("what time is it?")
    alice.expect_line("what time is it?")
    return bob


def a_fast_clock_is_told(stage):
    bob = off_by(stage, 10)
    offset = bob.expect("clock")["offset_ms"]
    assert 500000 < abs(offset) < 700000, "the offset told is %d ms" % offset


def a_slow_clock_is_told(stage):
    offset = off_by(stage, -10).expect("clock")["offset_ms"]
    assert 500000 < abs(offset) < 700000, "the offset told is %d ms" % offset


def four_minutes_are_nobodys_business(stage):
    assert not off_by(stage, 4).select("clock"), "told though it is below 5 minutes"


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(a_fast_clock_is_told, a_slow_clock_is_told,
                                       four_minutes_are_nobodys_business))
