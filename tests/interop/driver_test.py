"""The random scripts' own test: with ours alone they pass and can be replayed, and each kind of lie is found.

    python3 tests/interop/driver_test.py build/mls-interop
"""
import os
import sys
import traceback

from driver.client import Client, Refused
from driver.facts import direct_path, uneven_unmerged, Leaf, Parent, write_vector, Reader
from driver.known import avoid_half
from driver.matrix import Matrix
from driver.members import Failure, Seat
from driver.script import play

STEPS = 60


class Liar(Client):
    """Answers one operation otherwise than the program does, from its `after`th time on."""

    def __init__(self, program, name, rpc, lie, after):
        super().__init__(program, name)
        self.rpc, self.lie, self.left = rpc, lie, after
        self.asked = None

    def ask(self, rpc, **fields):
        self.asked = rpc
        super().ask(rpc, **fields)

    def answer(self):
        try:
            answer = super().answer()
        except Refused:
            answer = None
        if self.asked == self.rpc:
            self.left -= 1
            if self.left < 0:
                return self.lie(answer)
        if answer is None:
            raise Refused("refused")
        return answer


def flip(name):
    def lie(answer):
        if answer is None:
            raise Refused("refused")
        data = answer[name]
        return dict(answer, **{name: data[:-1] + bytes([data[-1] ^ 1])}) if data else answer
    return lie


def refuse(_):
    raise Refused("I do not want to")


def read_all(answer):
    """Whoever should not be able to read says that it can."""
    return answer or {"plaintext": b"", "authenticated_data": b""}


LIES = [("StateAuth", flip("state_auth_secret"), 3), ("Export", flip("exported_secret"), 3),
        ("Unprotect", flip("plaintext"), 3), ("Unprotect", flip("authenticated_data"), 3),
        ("GroupInfo", flip("ratchet_tree"), 3), ("GroupInfo", flip("group_info"), 3),
        ("HandleCommit", flip("epoch_authenticator"), 3), ("HandleCommit", refuse, 3), ("Commit", refuse, 3),
        ("JoinGroup", refuse, 1), ("ExternalJoin", refuse, 0), ("Unprotect", read_all, 0), ("AddProposal", refuse, 0)]


def seats_of(program, liar=None):
    clients = [Client(program, "ours") for _ in range(3)] + [liar or Client(program, "ours")]
    return [Seat(client, "ours", n + 1) for n, client in enumerate(clients)]


def played(seats, seed, steps=STEPS):
    matrix = Matrix()
    try:
        play(seats, 1, "ours", seed, steps, matrix)
    finally:
        for seat in seats:
            seat.client.kill()
    return matrix


def the_same_again(program):
    first, second = (played(seats_of(program), "again") for _ in range(2))
    assert first.cells == second.cells and first.steps == second.steps
    assert sum(first.cells.values()) > 100 and first.steps["played"] > STEPS / 2
    assert played(seats_of(program), "other").cells != first.cells


def found(program, rpc, lie, after):
    try:
        played(seats_of(program, Liar(program, "liar", rpc, lie, after)), "lies", 150)
    except Failure:
        return
    raise AssertionError("a lie of %s is believed" % rpc)


def facts(_):
    assert [direct_path(n, 7) for n in range(4)] == [[1, 3], [1, 3], [5, 3], [5, 3]]
    assert direct_path(0, 1) == []
    for size in (0, 63, 64, 300):
        assert Reader(write_vector(b"x" * size)).vector() == b"x" * size
    leaf = Leaf(b"", 1)
    assert not uneven_unmerged([leaf, Parent([1]), leaf, Parent([1]), leaf, None, leaf])
    assert not uneven_unmerged([leaf, None, leaf, Parent([1, 3]), leaf, None, leaf])
    assert uneven_unmerged([leaf, Parent([1]), leaf, Parent([1, 3]), leaf, None, leaf])

    class Somebody:
        implementation = "ts-mls"
    two = [Somebody, Somebody]
    assert avoid_half(two, {2, 3}) and avoid_half(two, {4, 7})
    assert not avoid_half(two, {0, 7}) and not avoid_half(two, {0}) and not avoid_half(two[:1], {2})


def holes(_):
    matrix = Matrix()
    matrix.note("x", "a", "a")
    matrix.note("x", "a", "b")
    matrix.missing["b", "x", "unsupported: x"] += 1
    assert list(matrix.holes(["a", "b"], lambda *_: False)) == []
    matrix.note("y", "a", "b")
    assert list(matrix.holes(["a", "b"], lambda operation, by, to: by == "b")) == [("y", "a", "a")]


def main():
    program = os.path.abspath(sys.argv[1])
    tests = [("the same again", lambda: the_same_again(program)), ("facts", lambda: facts(program)),
             ("holes", lambda: holes(program))]
    tests += [("a lie of %s, %d" % (lie[0], n), lambda lie=lie: found(program, *lie)) for n, lie in enumerate(LIES)]
    passed = failed = 0
    for name, test in tests:
        try:
            test()
            passed += 1
        except Exception:  # whatever it is, the next test is to run
            failed += 1
            print("FAIL %s\n%s" % (name, traceback.format_exc()))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
