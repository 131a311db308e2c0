"""Every command of docs/admin.md is run, in the page's order, and does what the page says: it ends well."""
import os
import re
import subprocess
import sys

from admin_kit import ROOT
from harness import LIMIT_S, Cases, Failure


def the_page_is_true(stage):
    with open(os.path.join(ROOT, "docs/admin.md"), encoding="utf-8") as f:
        blocks = re.findall(r"^```sh\n(.*?)^```", f.read(), re.S | re.M)
    server = stage.server()
    bin_folder = os.path.join(stage.folder, "bin")
    os.makedirs(bin_folder)
    os.symlink(os.path.abspath(stage.program("client/incamera")), os.path.join(bin_folder, "incamera"))
    environment = {"PATH": bin_folder + ":" + os.environ["PATH"], "HOME": stage.folder, "TERM": "dumb",
                   "INCAMERA_HOME": os.path.join(stage.folder, "home"), "URL": server.url,
                   "TOKEN": server.ready["admin_token"], "ROOT": os.path.abspath(server.dir + "/tls/ca.pem")}
    commands = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert len(commands) >= 25, len(commands)
    for line in commands:
        done = subprocess.run(["sh", "-c", line], cwd=stage.folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=2 * LIMIT_S)
        if done.returncode != 0:
            raise Failure("%s: status %d: %s" % (line, done.returncode, done.stdout[-300:]))
    print("     %d commands" % len(commands))


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(the_page_is_true))
