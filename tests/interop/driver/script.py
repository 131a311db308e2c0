"""A random script: a group is formed and changed, its members write to each other, and after each epoch all is compared."""
import random
import signal

from .client import Ended, Refused, Unsupported
from .known import avoid_own_end, excuse_join
from .mail import Mail
from .members import Failure, Group, Member, Skip, answers, everybody, same
from .plan import Plan

STEP_LIMIT_S = 120


class Script:
    def __init__(self, seats, suite, creator, seed, matrix):
        self.seats, self.creator, self.matrix = seats, creator, matrix
        self.rng = random.Random("%s/%d/%s" % (seed, suite, creator))
        self.group = Group(suite, b"group %d" % self.rng.randrange(10 ** 6), matrix)
        self.mail = Mail(self)
        self.gone = []    # who has been removed, and must stay out
        self.said = "nothing"

    # ---- choosing ----

    def pick(self, people):
        """An implementation first, so that each comes as often as the others."""
        if not people:
            raise Skip()
        kinds = sorted({p.implementation for p in people})
        kind = self.rng.choice(kinds)
        return self.rng.choice([p for p in people if p.implementation == kind])

    def free_seat(self, joiners):
        taken = [m.seat for m in self.group.members + self.group.doomed + joiners]
        return self.pick([s for s in self.seats if s not in taken])

    def weights(self):
        """Of the pieces of a plan: a small group grows, a full one shrinks."""
        empty = len(self.seats) - len(self.group.members)
        add = 3 * empty / len(self.seats)
        remove = 1.5 * (len(self.group.members) - 2) / len(self.seats) if len(self.group.members) > 2 else 0
        return [2 * add, add, add / 2, remove, remove, remove / 2, 0.8, 0.5, 0.4, 0.4, 0.3, 0.5, 0.4, 0.5,
                2 * (add + remove) if self.group.senders else 0]

    # ---- what cannot be done ----

    def unsupported(self, implementation, operation, error):
        self.matrix.missing[implementation, operation, str(error)] += 1
        return Skip("unsupported")

    def avoided(self, known):
        self.matrix.avoided["%s: %s" % known] += 1
        return Skip(known.name)

    def attempt(self, member, operation, rpc, **fields):
        try:
            return member(rpc, **fields)
        except Unsupported as error:
            raise self.unsupported(member.implementation, operation, error)
        except Refused as error:
            raise Failure("%s cannot %s: %s" % (member, operation, error))

    def store_psk(self):
        """A pre-shared key of all members."""
        psk = {"psk_id": b"psk %d" % self.rng.randrange(10 ** 9), "psk_secret": self.rng.randbytes(32)}
        for member in self.group.members:
            member.seat("StorePSK", state_or_transaction_id=member.state, **psk)
        return psk

    # ---- the beginning ----

    def create(self):
        seat = next(s for s in self.seats if s.implementation == self.creator)
        name, encrypted = seat.name(True), self.rng.random() < 0.5
        made = seat("CreateGroup", group_id=self.group.group_id, cipher_suite=self.group.suite,
                           encrypt_handshake=encrypted, identity=name)
        self.group.members.append(Member(seat, name, made["state_id"], 0, encrypted))
        self.matrix.groups[self.creator, self.group.suite] += 1
        self.compare()

    def compare(self):
        rng = self.rng
        label = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz -_") for _ in range(rng.randint(1, 20)))
        return self.group.compare(label, rng.randbytes(rng.randint(0, 60)), rng.randint(1, 200))

    # ---- steps ----

    def step(self):
        steps = [self.commit_step, self.external_step, self.mail.step, self.crossing_step]
        if len(self.group.members) < 2:
            steps = steps[:2]
        step = self.commit_step if self.group.doomed else self.rng.choices(steps, [10, 2, 4, 1][:len(steps)])[0]
        try:
            step()
            self.matrix.steps["played"] += 1
        except Skip as skip:
            self.matrix.steps["left out: %s" % (str(skip) or "nobody there for it")] += 1

    def commit_step(self):
        plan = Plan(self, self.pick([m for m in self.group.members]))
        for member in self.group.doomed:
            plan.bring("remove", b"remove", removed_id=member.name)
            plan.removed.append(member)
        plan.gather(self.rng.choice([0, 1, 1, 2, 2, 3, 4, 5]))
        self.said = "%s commits %s" % (plan.committer, ", ".join(plan.kinds) or "nothing")
        plan.check()
        external_tree = self.rng.random() < 0.5
        made = plan.commit(self.rng.random() < 0.3, external_tree)
        self.carry_out(plan, made, external_tree)

    def crossing_step(self):
        """Two commits at once: everybody takes the first, and the second is lost."""
        loser = self.pick(self.group.members)
        self.attempt(loser, "empty commit", "Commit", force_path=True)
        self.commit_step()

    def carry_out(self, plan, made, external_tree):
        group = self.group
        receivers = [m for m in plan.staying() if m is not plan.committer]
        self.rng.shuffle(receivers)
        for member in receivers:
            member.ask("HandleCommit", proposal=plan.by_reference, commit=made["commit"])
        plan.committer.ask("HandlePendingCommit")
        followers = receivers + [plan.committer]
        entered = answers(followers)
        for member, answer in zip(followers, entered):
            member.state = answer["state_id"]
        for kind in plan.kinds:
            for member in receivers:
                self.matrix.note(kind, plan.committer.implementation, member.implementation)
        for kind, who in plan.proposers:
            self.matrix.note("propose " + kind, who.implementation, plan.committer.implementation)
        same(followers, [a["epoch_authenticator"] for a in entered], "the epoch authenticators")
        self.begin_epoch(plan, made)
        for joiner in plan.joiners:
            self.let_in(plan, joiner, made, external_tree)
        self.after_epoch(plan.committer)

    def begin_epoch(self, plan, made):
        group = self.group
        group.epoch += 1
        if plan.extensions is not None:
            group.extensions, group.senders = plan.extensions, plan.senders
        group.members = [m for m in group.members if m not in plan.removed]
        for member in plan.removed:
            if member in group.doomed:
                group.doomed.remove(member)
            else:
                self.gone.append((member, plan.by_reference, made["commit"], False))

    def let_in(self, plan, joiner, made, external_tree):
        encrypted = self.rng.random() < 0.5
        client = joiner.seat.client
        for name, secret in plan.psks.items():
            if secret is not None:
                client("StorePSK", state_or_transaction_id=joiner.transaction, psk_id=name, psk_secret=secret)
        operation = "join, tree beside" if external_tree else "join, tree inside"
        try:
            joined = client("JoinGroup", transaction_id=joiner.transaction, welcome=made["welcome"],
                            identity=joiner.name, encrypt_handshake=encrypted, ratchet_tree=made["ratchet_tree"])
        except Unsupported as error:
            self.unsupported(joiner.implementation, operation, error)
            self.keep_out(joiner)
        except Refused as error:
            known = excuse_join(joiner.implementation, str(error), self.group.uneven())
            if not known:
                raise Failure("%s cannot join: %s" % (joiner.name.decode(), error))
            self.avoided(known)
            self.keep_out(joiner)
        else:
            self.group.members.append(Member(joiner.seat, joiner.name, joined["state_id"], self.group.epoch, encrypted))
            self.matrix.note(operation, plan.committer.implementation, joiner.implementation)

    def keep_out(self, joiner):
        """It is in the tree, and knows nothing."""
        self.group.doomed.append(Member(joiner.seat, joiner.name, 0, self.group.epoch, False))

    def after_epoch(self, committer):
        authenticator = self.compare()
        self.check_gone(committer, authenticator)
        self.mail.deliver_late()
        if self.rng.random() < 0.3:
            self.mail.exchange()

    def check_gone(self, committer, authenticator):
        """Who has been removed gets the commit and a message of the epoch after it, and must not follow."""
        for member, proposals, commit, external in self.gone:
            known = avoid_own_end(member.implementation, external)
            try:
                if known:
                    self.avoided(known)
                else:
                    member("HandleCommit", proposal=proposals, commit=commit)
            except Refused:
                pass
            try:
                if member("StateAuth")["state_auth_secret"] == authenticator:
                    raise Failure("%s has been removed and is in the new epoch" % member)
            except Refused:
                pass
            sent = committer("Protect", plaintext=b"without you")["ciphertext"]
            try:
                member("Unprotect", ciphertext=sent)
            except Refused:
                member.seat("Free", state_id=member.state)
                self.matrix.note("removed stays out", committer.implementation, member.implementation)
                continue
            raise Failure("%s has been removed and reads on" % member)
        self.gone.clear()

    def external_step(self):
        """An external commit, of somebody new or of a member who has lost its state."""
        giver = self.pick(self.group.members)
        others = [m for m in self.group.members if m is not giver]
        prior = self.pick(others) if others and self.rng.random() < 0.4 else None
        seat = prior.seat if prior else self.free_seat([])
        name = prior.name if prior else seat.name(self.rng.random() < 0.5)
        operation = "external join, again" if prior else "external join"
        self.said = "%s: %s by the GroupInfo of %s" % (operation, name.decode(), giver)
        outside, encrypted = self.rng.random() < 0.5, self.rng.random() < 0.5
        psks = [self.store_psk()] if self.rng.random() < 0.3 else []
        info = giver("GroupInfo", external_tree=outside)
        try:
            joined = seat("ExternalJoin", identity=name, encrypt_handshake=encrypted, remove_prior=bool(prior),
                          psks=psks, **info)
        except Unsupported as error:
            raise self.unsupported(seat.implementation, "external join with a PSK" if psks else operation, error)
        except Refused as error:
            known = excuse_join(seat.implementation, str(error), self.group.uneven())
            if known:
                raise self.avoided(known)
            raise Failure("%s cannot join: %s" % (name.decode(), error))
        operations = [operation] + ["external join with a PSK"] * len(psks)
        self.follow_external(seat, name, prior, joined, encrypted, operations)
        self.matrix.note("GroupInfo, tree beside" if outside else "GroupInfo, tree inside", giver.implementation,
                         seat.implementation)

    def follow_external(self, seat, name, prior, joined, encrypted, operations):
        group = self.group
        receivers = [m for m in group.members if m is not prior]
        entered = everybody(receivers, "HandleCommit", commit=joined["commit"])
        for member, answer in zip(receivers, entered):
            member.state = answer["state_id"]
            for operation in operations:
                self.matrix.note(operation, seat.implementation, member.implementation)
        group.epoch += 1
        member = Member(seat, name, joined["state_id"], group.epoch, encrypted)
        same(receivers + [member], [a["epoch_authenticator"] for a in entered + [joined]], "the epoch authenticators")
        if prior:
            self.gone.append((prior, [], joined["commit"], True))
        group.members = receivers + [member]
        self.after_epoch(member)


    def end(self):
        """Every state is given back, so that the next script starts in clean processes."""
        for member in self.group.members + [gone[0] for gone in self.gone]:
            try:
                member.seat("Free", state_id=member.state)
            except Refused:
                pass


def too_long(*_):
    raise Ended("nobody has answered for %d s" % STEP_LIMIT_S)


def play(seats, suite, creator, seed, steps, matrix):
    script = Script(seats, suite, creator, seed, matrix)
    at = 0
    signal.signal(signal.SIGALRM, too_long)
    try:
        script.create()
        for at in range(1, steps + 1):
            signal.alarm(STEP_LIMIT_S)
            script.step()
    except (Failure, Refused, Ended) as error:
        raise Failure("suite %d, created by %s, seed %s, step %d\n  members: %s\n  %s\n  %s" % (
            suite, creator, seed, at, ", ".join(str(m) for m in script.group.members), script.said, error))
    finally:
        signal.alarm(0)
    script.end()
