"""A real incamerad for the demo and the system tests: everything below one folder of the stage."""
import json
import os
import shutil
import subprocess
import time

from harness import LIMIT_S, Failure, Program, free_port


class Server(Program):
    """`incamerad --embedded`: development certificate, database, an organisation with its token. After
    kill() or stop(), start() begins again on the same data and the same ports."""

    def __init__(self, stage, name, options, environment=None):
        self.environment = environment
        self.stage, self.name, self.options = stage, name, options
        self.dir = os.path.join(stage.folder, name)
        self.ready = None
        self.process = None
        self.http_port, self.https_port = free_port(), free_port()

    def start(self):
        ports = ["--http-port", str(self.http_port), "--https-port", str(self.https_port)]
        if self.ready:
            ports += ["--media-port", str(self.ready["media_port"])]
        Program.__init__(self, self.name, [
            self.stage.program("server/incamerad"), "--embedded", self.dir, "--bind", "127.0.0.1",
            "--host", "localhost", *ports, *self.options], self.stage.folder, self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        try:
            self.ready = json.loads(line)
        except ValueError:
            self.process.wait(LIMIT_S)
            raise Failure("incamerad does not start: %s" % self.last_words()) from None

    @property
    def url(self):
        """Over TLS, with the pin of its development certificate."""
        return "%s/#c=%s" % (self.ready["https"], self.ready["pin"])

    def create_meeting(self, host, title="Test", *options, home=None):
        """The link. host: the client whose identity will be the host's; home: the folder of its profile."""
        return self.create(host, title, *options, home=home)["url"]

    def create(self, host, title="Test", *options, home=None):
        """What `incamera meeting create --json` says."""
        folder = os.path.join(self.stage.folder, "clients")
        os.makedirs(folder, exist_ok=True)
        key = os.path.join(home, "identity") if home else os.path.join(folder, host + ".identity")
        done = self.stage.run("client/incamera", "meeting", "create", "--server", self.url, "--token",
                              self.ready["token"], "--identity", key,
                              "--title", title, "--json", *options)
        return json.loads(done.stdout)

    def disk(self):
        """Folders that hold what it has written, but for keys and certificates made beforehand."""
        return [path for path in (os.path.join(self.dir, part) for part in ("data", "log", "run"))
                if os.path.isdir(path)] + [self.log]

    def copy_disk(self, to):
        """Its folders as they are now, while it runs."""
        for path in self.disk():
            if os.path.isdir(path):
                shutil.copytree(path, os.path.join(to, os.path.basename(path)), dirs_exist_ok=True)

    def kill_and_restart(self, after_s=0.0):
        self.kill()
        time.sleep(after_s)
        self.start()
