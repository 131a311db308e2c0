"""A program that speaks the JSON lines of docs/interop.md."""
import base64
import json
import subprocess


class Refused(Exception):
    """The answer was an error."""


class Ended(Exception):
    """The program is not there any more."""


class Unsupported(Refused):
    """The answer was an error that begins with `unsupported:`."""


def encode(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {k: encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    return value


def decode(answer):
    return {k: base64.b64decode(v, validate=True) if isinstance(v, str) and k != "name" else v
            for k, v in answer.items()}


class Client:
    """One process, which is one or more members."""
    tried = set()

    def __init__(self, program, name):
        self.name = name.encode()
        command = [program] if isinstance(program, str) else program
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, data):
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def receive(self):
        answer = self.process.stdout.readline()
        if not answer.endswith(b"\n"):
            raise Ended("%s has ended without an answer" % self.name.decode())
        return json.loads(answer)

    def line(self, data):
        self.send(data)
        return self.receive()

    def ask(self, rpc, **fields):
        """Sends alone: several programs can think at once. `answer` waits."""
        Client.tried.add(rpc)
        self.send(json.dumps(dict(encode(fields), rpc=rpc)).encode())

    def answer(self):
        answer = self.receive()
        if "error" not in answer:
            return decode(answer)
        assert list(answer) == ["error"] and answer["error"]
        raise (Unsupported if answer["error"].startswith("unsupported:") else Refused)(answer["error"])

    def __call__(self, rpc, **fields):
        self.ask(rpc, **fields)
        return self.answer()

    def refuses(self, rpc, want="", **fields):
        try:
            answer = self(rpc, **fields)
        except Refused as error:
            assert want in str(error), "%s says: %s" % (rpc, error)
            return
        raise AssertionError("%s answers %r" % (rpc, answer))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.stdin.close()
        status = self.process.wait(60)
        self.process.stdout.close()
        return status
