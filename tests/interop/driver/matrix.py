"""What has been played, by whom, before whom; and what has been left out, and why."""
from collections import Counter


# What is out of reach for who cannot do what comes before it.
AFTER = {"reinit welcome": ["propose reinit", "commit reinit", "join reinit"], "branch": ["join branch"],
         "commit reinit": ["propose reinit"]}


class Matrix:
    def __init__(self):
        self.cells = Counter()    # (operation, from, to)
        self.operations = {}      # in the order of their first appearance
        self.missing = Counter()  # (implementation, operation, what it says)
        self.avoided = Counter()  # (the known bug's name)
        self.groups = Counter()   # (creator, suite)
        self.steps = Counter()

    def note(self, operation, by, to):
        self.operations.setdefault(operation, None)
        self.cells[operation, by, to] += 1

    def add(self, other):
        """Takes in what another process has counted."""
        for operation in other.operations:
            self.operations.setdefault(operation, None)
        for name in ("cells", "missing", "avoided", "groups", "steps"):
            getattr(self, name).update(getattr(other, name))

    def holes(self, implementations, known):
        """Cells that both sides support and that were never played."""
        lacks = {(by, operation) for by, operation, _ in self.missing}
        for operation in sorted(self.operations):
            for by in implementations:
                for to in implementations:
                    able = not any((who, o) in lacks for who in (by, to)
                                   for o in [operation] + AFTER.get(operation, []))
                    if able and not self.cells[operation, by, to] and not known(operation, by, to):
                        yield operation, by, to

    def show(self, implementations):
        width = max(len(o) for o in self.operations) if self.operations else 0
        for by in implementations:
            print("%-*s  %s" % (width, "by %s, at" % by, "".join("%9s" % to for to in implementations)))
            for operation in sorted(self.operations):
                row = [self.cells[operation, by, to] for to in implementations]
                print("  %-*s%s" % (width, operation, "".join("%9s" % (n or "-") for n in row)))
        print("groups: " + ", ".join("%s %d in suite %d" % (creator, n, suite)
                                     for (creator, suite), n in sorted(self.groups.items())))
        print("steps: " + ", ".join("%d %s" % (n, what) for what, n in sorted(self.steps.items(), reverse=True)))
        for (who, operation, why), n in sorted(self.missing.items()):
            print("%s cannot %s (%d times asked): %s" % (who, operation, n, why))
        for name, n in sorted(self.avoided.items()):
            print("avoided %d times: %s" % (n, name))
