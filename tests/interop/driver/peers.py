"""The implementations that this machine has: ours, and the peers that tools/peers and tools/ts-mls prepare."""
import os
import subprocess

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "tools")
WANTED = {"mls-rs": "peers", "openmls": "peers", "ts-mls": "ts-mls"}


def find_peers():
    """Commands by name, and the names of those that cannot be had. Each tool says on standard error why."""
    folders = {tool: subprocess.run([os.path.join(TOOLS, tool)], stdout=subprocess.PIPE, text=True,
                                    check=True).stdout.strip() for tool in dict.fromkeys(WANTED.values())}
    there, missing = {}, []
    for name, tool in WANTED.items():
        command = os.path.join(folders[tool], "peer-" + name)
        if folders[tool] and os.path.exists(command):
            there[name] = [command]
        else:
            missing.append(name)
    return there, missing
