"""One commit in the making: which proposals it brings, by whom, and whom it lets in and out."""
from .client import Refused, Unsupported
from .facts import with_senders, write_extensions
from .known import avoid_extensions, avoid_half, avoid_senders
from .members import Failure, Skip

REQUIRED_CAPABILITIES = 3
# Nothing; nothing required; basic credentials required.
EXTENSIONS = [[], [{"extension_type": REQUIRED_CAPABILITIES, "extension_data": b"\0\0\0"}],
              [{"extension_type": REQUIRED_CAPABILITIES, "extension_data": b"\0\0\2\0\1"}]]


EMPTY, FORCED = "empty commit", "path not required"


class Joiner:
    """Somebody whose key package is in an Add."""

    def __init__(self, seat, name, made):
        self.seat, self.name, self.implementation = seat, name, seat.implementation
        self.transaction, self.package = made["transaction_id"], made.get("key_package")


class Plan:
    def __init__(self, script, committer):
        self.script, self.group, self.rng = script, script.group, script.rng
        self.committer = committer
        self.by_reference, self.by_value = [], []
        self.kinds = []       # what it brings, as the matrix calls it
        self.proposers = []   # (what, who) by reference
        self.joiners, self.removed, self.updated = [], [], []
        self.extensions = None  # that it sets, encoded
        self.senders = None     # the external senders that it leaves
        self.psks = {}        # by name the secret; by epoch None

    # ---- pieces ----

    def untouched(self):
        return [m for m in self.group.members
                if m is not self.committer and m not in self.removed and m not in self.updated]

    def staying(self):
        return [m for m in self.group.members if m not in self.removed]

    def has_path(self):
        return bool(self.removed or self.updated)

    def proposer(self):
        return self.rng.choice(self.group.members)

    def propose(self, who, kind, rpc, **fields):
        made = self.script.attempt(who, "propose " + kind, rpc, **fields)
        self.by_reference.append(made["proposal"])
        self.kinds.append(kind + " by reference")
        self.proposers.append((kind, who))

    def bring(self, kind, word, **fields):
        self.by_value.append(dict(fields, proposal_type=word))
        self.kinds.append(kind + " by value")

    def newcomer(self):
        seat = self.script.free_seat(self.joiners)
        name = seat.name(self.rng.random() < 0.5)
        return Joiner(seat, name, seat("CreateKeyPackage", cipher_suite=self.group.suite, identity=name))

    def add(self, by_value):
        joiner = self.newcomer()
        if by_value:
            self.bring("add", b"add", key_package=joiner.package)
        else:
            self.propose(self.proposer(), "add", "AddProposal", key_package=joiner.package)
        self.joiners.append(joiner)

    def add_from_outside(self):
        """RFC 9420 section 12.1.8: the new member proposes itself."""
        seat = self.script.free_seat(self.joiners)
        name = seat.name(self.rng.random() < 0.5)
        info = self.script.attempt(self.committer, "GroupInfo", "GroupInfo")["group_info"]
        made = self.script.attempt(seat, "propose add of itself", "NewMemberAddProposal", group_info=info,
                                   identity=name)
        self.proposers.append(("add of itself", seat))
        self.by_reference.append(made["proposal"])
        self.kinds.append("add by new member")
        self.joiners.append(Joiner(seat, name, made))

    def remove(self, by_value):
        target = self.script.pick(self.untouched())
        if by_value:
            self.bring("remove", b"remove", removed_id=target.name)
        else:
            self.propose(self.proposer(), "remove", "RemoveProposal", removed_id=target.name)
        self.removed.append(target)

    def leave(self):
        target = self.script.pick(self.untouched())
        self.propose(target, "leave", "RemoveProposal", removed_id=target.name)
        self.removed.append(target)

    def update(self):
        who = self.script.pick(self.untouched())
        self.propose(who, "update", "UpdateProposal")
        self.updated.append(who)

    def external_psk(self, by_value):
        psk = self.script.store_psk()
        if by_value:
            self.bring("external PSK", b"externalPSK", psk_id=psk["psk_id"])
        else:
            self.propose(self.proposer(), "external PSK", "ExternalPSKProposal", psk_id=psk["psk_id"])
        self.psks[psk["psk_id"]] = psk["psk_secret"]

    def resumption_psk(self, by_value):
        """Of an epoch that everybody has seen, and not long ago. A joiner could not know it."""
        oldest = max(max(m.joined for m in self.staying()), self.group.epoch - 2)
        if self.joiners:
            raise Skip()
        epoch = self.rng.randint(oldest, self.group.epoch)
        if epoch in self.psks:
            raise Skip()
        if by_value:
            self.bring("resumption PSK", b"resumptionPSK", epoch_id=epoch)
        else:
            self.propose(self.rng.choice(self.staying()), "resumption PSK", "ResumptionPSKProposal", epoch_id=epoch)
        self.psks[epoch] = None

    def context(self, by_value):
        if self.extensions is not None:
            raise Skip()
        extensions = self.rng.choice(EXTENSIONS)
        there = [p.seat for p in self.group.members + self.joiners]
        encoded = write_extensions(extensions)
        known = avoid_extensions(self.group, there, self.committer, encoded, self.has_path())
        if known:
            raise self.script.avoided(known)
        self.senders = []
        if by_value:
            self.bring("extensions", b"groupContextExtensions", extensions=extensions)
        else:
            self.propose(self.proposer(), "extensions", "GroupContextExtensionsProposal", extensions=extensions)
        self.extensions = encoded

    # ---- external senders, RFC 9420 section 12.1.8.1 ----

    def add_sender(self):
        """Another external sender: a GroupContextExtensions proposal with the senders that were there, and it."""
        known = avoid_senders(self.script.seats)
        if known:
            raise self.script.avoided(known)
        if self.extensions is not None or len(self.group.senders) == 3:
            raise Skip()
        seat = self.script.pick(self.script.seats)
        name = b"%s outside %d" % (str(seat).encode(), self.group.epoch)
        made = self.script.attempt(seat, "create external sender", "CreateExternalSigner",
                                   cipher_suite=self.group.suite, identity=name)
        who = self.proposer()
        self.propose(who, "external sender", "AddExternalSigner", external_sender=made["external_sender"])
        self.senders = self.group.senders + [(seat, made["signer_id"], made["external_sender"])]
        self.extensions = with_senders(self.group.extensions, [s[2] for s in self.senders])

    def from_sender(self):
        """A proposal of one of them: an addition or a removal."""
        if not self.group.senders:
            raise Skip()
        index = self.rng.randrange(len(self.group.senders))
        seat, signer, _ = self.group.senders[index]
        about = self.script.attempt(self.committer, "GroupInfo", "GroupInfo", external_tree=self.rng.random() < 0.5)
        others = self.untouched()
        remove = bool(others) and self.rng.random() < 0.4
        if remove:
            target = self.script.pick(others)
            description = {"proposal_type": b"remove", "removed_id": target.name}
        else:
            joiner = self.newcomer()
            description = {"proposal_type": b"add", "key_package": joiner.package}
        kind = "remove by external sender" if remove else "add by external sender"
        made = self.script.attempt(seat, "propose " + kind, "ExternalSignerProposal", signer_id=signer,
                                   signer_index=index, description=description, **about)
        self.by_reference.append(made["proposal"])
        self.kinds.append(kind)
        self.proposers.append((kind, seat))
        if remove:
            self.removed.append(target)
        else:
            self.joiners.append(joiner)

    # ---- the whole ----

    def gather(self, count):
        """Up to `count` proposals, removals and updates first: what follows depends on whether there is a path."""
        pieces = self.rng.choices(PIECES, weights=self.script.weights(), k=count)
        for make, by_value in sorted(pieces, key=lambda p: ORDER.index(p[0])):
            try:
                make(self, *([] if by_value is None else [by_value]))
            except Skip:
                pass

    def leaves_after(self):
        """Additions go to the leftmost blank leaf: RFC 9420 section 12.1.1."""
        removed = [m.name for m in self.removed]
        leaves = {leaf for name, leaf in self.group.leaves.items() if name not in removed}
        for _ in self.joiners:
            leaves.add(next(i for i in range(len(leaves) + 1) if i not in leaves))
        return leaves

    def check(self):
        known = avoid_half(self.staying(), self.leaves_after())
        if known:
            raise self.script.avoided(known)

    def commit(self, force_path, external_tree):
        """The answer to Commit. A path that is asked for and cannot be had is done without."""
        who = self.committer.implementation
        forced = force_path and self.kinds and not self.has_path()
        for path in (True, False) if forced else (force_path,):
            try:
                made = self.committer("Commit", by_reference=self.by_reference, by_value=self.by_value,
                                      force_path=path, external_tree=external_tree)
                break
            except Unsupported as error:
                if not (forced and path):
                    raise self.script.unsupported(who, " and ".join(self.kinds) or EMPTY, error)
                self.script.unsupported(who, FORCED, error)
            except Refused as error:
                raise Failure("%s cannot commit %s: %s" % (self.committer, ", ".join(self.kinds), error))
        self.kinds += [FORCED] if forced and path else [] if self.kinds else [EMPTY]
        if len(self.by_reference) + len(self.by_value) > 1:
            self.kinds.append("several proposals")
        self.kinds.append("PrivateMessage" if self.committer.encrypted else "PublicMessage")
        return made


ORDER = [Plan.remove, Plan.leave, Plan.update, Plan.add, Plan.add_from_outside, Plan.from_sender, Plan.external_psk,
         Plan.resumption_psk, Plan.context, Plan.add_sender]
PIECES = [(Plan.add, True), (Plan.add, False), (Plan.add_from_outside, None), (Plan.remove, True),
          (Plan.remove, False), (Plan.leave, None), (Plan.update, None), (Plan.external_psk, True),
          (Plan.external_psk, False), (Plan.resumption_psk, True), (Plan.resumption_psk, False),
          (Plan.context, True), (Plan.context, False), (Plan.add_sender, None), (Plan.from_sender, None)]
