"""Groups that follow a group: short scripts for two implementations, RFC 9420 sections 11.2 and 11.3."""
from .client import Refused, Unsupported
from .members import Failure, Group, Member, Skip, answers, everybody, same


class Follow:
    """Two members of each of two implementations. The first one of `a` creates and commits, that of `b` proposes."""

    def __init__(self, seats, suite, outside, matrix):
        self.seats, self.suite, self.outside, self.matrix = seats, suite, outside, matrix
        self.group = Group(suite, b"former", matrix)

    def attempt(self, who, operation, rpc, **fields):
        try:
            return who(rpc, **fields)
        except Unsupported as error:
            self.matrix.missing[who.implementation, operation, str(error)] += 1
            raise Skip()
        except Refused as error:
            raise Failure("%s cannot %s: %s" % (who, operation, error))

    def package(self, seat):
        return self.attempt(seat, "CreateKeyPackage", "CreateKeyPackage", cipher_suite=self.suite, identity=seat.name(False))

    def former(self):
        first, *others = self.seats
        made = first("CreateGroup", group_id=b"former", cipher_suite=self.suite, encrypt_handshake=self.outside,
                     identity=first.name(False))
        creator = Member(first, first.name(False), made["state_id"], 0, self.outside)
        packages = [self.package(seat) for seat in others]
        commit = self.attempt(creator, "add by value", "Commit", by_value=[
            {"proposal_type": b"add", "key_package": p["key_package"]} for p in packages])
        creator("HandlePendingCommit")
        self.group.members.append(creator)
        for seat, package in zip(others, packages):
            joined = self.attempt(seat, "join, tree inside", "JoinGroup", transaction_id=package["transaction_id"],
                                  welcome=commit["welcome"], encrypt_handshake=self.outside, identity=seat.name(False))
            self.group.members.append(Member(seat, seat.name(False), joined["state_id"], 1, self.outside))
        self.group.epoch = 1
        self.group.compare("before", b"", 32)

    def note(self, operation, by, others):
        for member in others:
            self.matrix.note(operation, by.implementation, member.implementation)

    def enter(self, group_id, suite, seats, states, authenticators):
        """The group that follows: all agree, its second member commits, and one writes to all."""
        group = Group(suite, group_id, self.matrix)
        group.members = [Member(s, s.name(False), n, 1, self.outside) for s, n in zip(seats, states)]
        same(group.members, authenticators, "the epoch authenticators")
        group.epoch = 1
        group.compare("after", group_id, 40)
        committer, *others = group.members[1:] + group.members[:1]
        commit = self.attempt(committer, "empty commit", "Commit")["commit"]
        everybody(others, "HandleCommit", commit=commit)
        committer("HandlePendingCommit")
        group.epoch = 2
        group.compare("later", b"", 16)
        sent = committer("Protect", plaintext=b"here we go on")["ciphertext"]
        if any(a["plaintext"] != b"here we go on" for a in everybody(others, "Unprotect", ciphertext=sent)):
            raise Failure("something else is read than was written")
        return group.members

    def reinit(self, following):
        committer, creator, *rest = self.group.members
        proposal = self.attempt(creator, "propose reinit", "ReInitProposal", group_id=b"following",
                                cipher_suite=following)["proposal"]
        commit = self.attempt(committer, "commit reinit", "ReInitCommit", by_reference=[proposal])["commit"]
        others = [creator] + rest
        for member in others:
            member.ask("HandleReInitCommit", proposal=[proposal], commit=commit)
        committer.ask("HandlePendingReInitCommit")
        ended = answers(others + [committer])
        self.note("commit reinit", committer, others)
        self.note("propose reinit", creator, [committer])
        same(others + [committer], [e["epoch_authenticator"] for e in ended], "the last epoch authenticators")
        made = self.attempt(creator.seat, "reinit welcome", "ReInitWelcome", reinit_id=ended[0]["reinit_id"],
                            key_package=[e["key_package"] for e in ended[1:]], external_tree=self.outside)
        joined = [self.attempt(m.seat, "join reinit", "HandleReInitWelcome", reinit_id=e["reinit_id"],
                               welcome=made["welcome"], ratchet_tree=made["ratchet_tree"])
                  for m, e in zip(rest + [committer], ended[1:])]
        self.note("reinit welcome", creator, rest + [committer])
        return self.enter(b"following", following, [m.seat for m in others + [committer]],
                          [a["state_id"] for a in [made] + joined],
                          [a["epoch_authenticator"] for a in [made] + joined])

    def branch(self):
        creator, *others = self.group.members[:3]
        packages = [self.package(m.seat) for m in others]
        made = self.attempt(creator, "branch", "CreateBranch", group_id=b"branch", external_tree=self.outside,
                            key_packages=[p["key_package"] for p in packages])
        joined = [self.attempt(m, "join branch", "HandleBranch", transaction_id=p["transaction_id"],
                               welcome=made["welcome"], ratchet_tree=made["ratchet_tree"])
                  for m, p in zip(others, packages)]
        self.note("branch", creator, others)
        seats = [m.seat for m in [creator] + others]
        return self.enter(b"branch", self.suite, seats, [a["state_id"] for a in [made] + joined],
                          [a["epoch_authenticator"] for a in [made] + joined])


def play_following(a, b, suite, suites, outside, matrix):
    """Branches, then reinitialises into the next suite, with the seats of two implementations."""
    script = Follow([a[0], b[0], a[1], b[1]], suite, outside, matrix)
    following = suites[(suites.index(suite) + 1) % len(suites)]
    at, states = "the former group", []
    try:
        script.former()
        states += script.group.members
        for at, play in (("a branch", script.branch), ("a reinitialisation", lambda: script.reinit(following))):
            try:
                states += play()
            except Skip:
                pass
    except (Failure, Refused) as error:
        raise Failure("%s in suite %d, by %s and %s, tree %s: %s" % (
            at, suite, a[0], b[0], "beside" if outside else "inside", error))
    for member in states:
        member.seat("Free", state_id=member.state)
