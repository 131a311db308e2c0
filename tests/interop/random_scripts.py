"""Random scripts in groups of several implementations of MLS: see docs/interop.md.

    python3 tests/interop/random_scripts.py build/mls-interop [NAME=COMMAND...] [--seed S] [--steps N] ...

Without NAME=COMMAND it plays with all peers that this machine can have.
"""
import argparse
import concurrent.futures
import os
import random
import secrets
import shlex
import sys
import time

from driver.client import Client, Ended
from driver.follow import play_following
from driver.known import no_cell
from driver.matrix import Matrix
from driver.members import Failure, Seat
from driver.peers import find_peers
from driver.script import play

LIMITED = "ts-mls"  # without whom each group is played again: its bugs keep things from the others


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("ours", help="build/mls-interop")
    p.add_argument("peer", nargs="*", help="NAME=COMMAND of another implementation")
    p.add_argument("--seed", action="append", help="replays exactly what it chose (two: 1, and one by chance)")
    p.add_argument("--steps", type=int, default=200)
    p.add_argument("--seats", type=int, default=2, help="processes of each implementation in a group")
    p.add_argument("--suite", type=int, action="append", help="only in this suite")
    p.add_argument("--creator", action="append", help="only groups that this implementation creates")
    p.add_argument("--without", help="only groups without this implementation")
    p.add_argument("--jobs", type=int, default=os.cpu_count(), help="groups at a time")
    p.add_argument("--holes", action="store_true", help="fail where two have never met in an operation")
    return p.parse_args()


def programs_of(args):
    """Commands by name, and what is missing."""
    there = {"ours": [os.path.abspath(args.ours)]}
    if args.peer:
        there.update((name, shlex.split(command)) for name, command in (p.split("=", 1) for p in args.peer))
        return there, []
    peers, missing = find_peers()
    return dict(there, **peers), missing


def suites_of(programs):
    speaks = {}
    for name, command in programs.items():
        client = Client(command, name)
        speaks[name] = set(client("SupportedCiphersuites")["ciphersuites"])
        client.end()
    return speaks


def groups_of(args, programs):
    """(suite, creator, seed, who stays away, the programs in the group) of each group to play, the slowest first."""
    speaks = suites_of(programs)
    for suite in args.suite or sorted(speaks["ours"], reverse=True):
        names = [name for name in programs if suite in speaks[name]]
        for away in [args.without] if args.without else [None, LIMITED] if LIMITED in names else [None]:
            there = {name: programs[name] for name in names if name != away}
            for creator in args.creator or there:
                for seed in seeds_for(args, suite, creator, names) if creator in there else ():
                    yield suite, creator, seed, away, there


def seeds_for(args, suite, creator, names):
    """In the slow suites the seed that was drawn plays one group."""
    drawn = args.drawn if suite > 3 and random.Random(args.drawn).choice(names) != creator else None
    return [seed for seed in args.seed if seed != drawn]


def play_group(suite, creator, seed, away, programs, args):
    """What has been counted, how long it took, and what went wrong or None."""
    began, matrix, wrong = time.monotonic(), Matrix(), None
    seats = [Seat(Client(command, name), name, n + 1) for name, command in programs.items() for n in range(args.seats)]
    try:
        play(seats, suite, creator, "%s without %s" % (seed, away) if away else seed, args.steps, matrix)
    except Failure as failure:
        wrong = str(failure)
    for seat in seats:
        seat.client.kill() if wrong else seat.client.end()
    return matrix, time.monotonic() - began, wrong


def play_all(args, programs, matrix):
    failed = []
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        groups = list(groups_of(args, programs))
        played = [pool.submit(play_group, *group, args) for group in groups]
        for (suite, creator, seed, away, _), future in zip(groups, played):
            counted, took, wrong = future.result()
            matrix.add(counted)
            print("suite %d, created by %s, seed %s%s: %s, %.1f s" % (
                suite, creator, seed, ", without " + away if away else "", "FAILED" if wrong else "ok", took))
            if wrong:
                failed.append(wrong)
                print("%s\n  again: --seed %s --steps %d --seats %d --suite %d --creator %s%s" % (
                    wrong, seed, args.steps, args.seats, suite, creator, " --without " + away if away else ""))
            sys.stdout.flush()
    return len(groups), len(failed)


def following_pair(first, second, suites, programs):
    """Every suite, by turns with the tree inside and beside."""
    matrix, failed = Matrix(), []
    seats = [[Seat(Client(programs[name], name), name, n) for n in numbers]
             for name, numbers in ((first, (1, 2)), (second, (3, 4)))]
    try:
        for suite in suites:
            try:
                play_following(*seats, suite, suites, suite % 2 == 0, matrix)
            except Failure as failure:
                failed.append(str(failure))
    except Ended as ended:
        failed.append(str(ended))
    for seat in seats[0] + seats[1]:
        seat.client.kill()
    return matrix, len(suites), failed


def follow_all(args, programs, matrix):
    """Every implementation with every other, one of them ours in the suites from 4."""
    speaks, played = suites_of(programs), []
    count, failed = 0, 0
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        for first in programs:
            for second in programs:
                both = speaks[first] & speaks[second] & set(args.suite or speaks["ours"])
                suites = sorted(n for n in both if n < 4 or "ours" in (first, second))
                played.append(pool.submit(following_pair, first, second, suites, programs))
        for future in played:
            counted, suites, wrong = future.result()
            matrix.add(counted)
            count, failed = count + suites, failed + len(wrong)
            for text in wrong:
                print("FAILED: %s" % text)
    print("%d groups followed by others, %d failed" % (count, failed))
    return count, failed


def main():
    args = arguments()
    args.drawn = None if args.seed else secrets.token_hex(4)
    args.seed = args.seed or ["1", args.drawn]
    programs, missing = programs_of(args)
    print("ours and %s; seeds %s; %d steps" % (", ".join(list(programs)[1:]) or "no peer", " ".join(args.seed),
                                               args.steps))
    matrix = Matrix()
    results = [play_all(args, programs, matrix), follow_all(args, programs, matrix)]
    count, failed = (sum(column) for column in zip(*results))
    matrix.show(list(programs))
    holes = list(matrix.holes(list(programs), no_cell))
    for hole in holes:
        print("never played: %s by %s at %s" % hole)
    if args.holes and holes:
        failed, count = failed + 1, count + 1
    for name in missing:
        print("skipped: %s is not here" % name)
    print("%d passed, %d failed, %d skipped" % (count - failed, failed, len(missing)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
