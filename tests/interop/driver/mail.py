"""Application messages: from anyone to everyone, out of order, again, and from the epoch before."""
from .client import Refused, Unsupported
from .members import Failure, answers


class Letter:
    def __init__(self, sender, epoch, text, seen, ciphertext):
        self.sender, self.epoch, self.text, self.seen, self.ciphertext = sender, epoch, text, seen, ciphertext


class Mail:
    def __init__(self, script):
        self.script, self.rng = script, script.rng
        self.late = []  # (letter, receivers) that arrive in the next epoch

    def step(self):
        self.script.said = "messages"
        self.exchange()

    def exchange(self):
        rng, members = self.rng, self.script.group.members
        if len(members) < 2:
            return
        letters = [self.write(self.script.pick(members)) for _ in range(rng.choice([1, 1, 2, 3, 6]))]
        waiting = {}
        for letter in letters:
            receivers = [m for m in members if m is not letter.sender]
            held = [m for m in receivers if rng.random() < 0.15]
            if held:
                self.late.append((letter, held))
            for member in receivers:
                if member not in held:
                    waiting.setdefault(member, []).append(letter)
        for member in waiting:
            rng.shuffle(waiting[member])
        again = [(m, rng.choice(waiting[m])) for m in waiting if rng.random() < 0.1]
        self.hand_over(waiting, "message")
        self.repeat(again)

    def write(self, sender):
        text, seen = self.rng.randbytes(self.rng.choice([0, 1, 20, 300])), self.rng.randbytes(self.rng.choice([0, 9]))
        made = self.script.attempt(sender, "Protect", "Protect", authenticated_data=seen, plaintext=text)
        return Letter(sender, self.script.group.epoch, text, seen, made["ciphertext"])

    def hand_over(self, waiting, operation):
        while waiting:
            members = list(waiting)
            letters = [waiting[m].pop() for m in members]
            for member, letter in zip(members, letters):
                member.ask("Unprotect", ciphertext=letter.ciphertext)
            for member, letter, answer in zip(members, letters, answers(members)):
                self.check(member, letter, answer, operation)
            waiting = {m: letters for m, letters in waiting.items() if letters}

    def check(self, member, letter, answer, operation):
        if isinstance(answer, Unsupported):
            self.script.unsupported(member.implementation, operation, answer)
            return
        if (answer["plaintext"], answer["authenticated_data"]) != (letter.text, letter.seen):
            raise Failure("%s reads something else than %s wrote" % (member, letter.sender))
        self.script.matrix.note(operation, letter.sender.implementation, member.implementation)

    def repeat(self, read):
        """A message that has been read is not read again."""
        for member, letter in read:
            try:
                member("Unprotect", ciphertext=letter.ciphertext)
            except Refused:
                self.script.matrix.note("message again, refused", letter.sender.implementation, member.implementation)
                continue
            raise Failure("%s reads a message of %s twice" % (member, letter.sender))

    def deliver_late(self):
        epoch, members = self.script.group.epoch, self.script.group.members
        waiting = {}
        for letter, receivers in self.late:
            for member in receivers:
                if member in members and letter.epoch == epoch - 1:
                    waiting.setdefault(member, []).append(letter)
        self.late = []
        self.hand_over(waiting, "message of the epoch before")
