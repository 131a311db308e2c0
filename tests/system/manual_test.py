"""The manual page, `--help`, docs/events.md and the code name the same things."""
import glob
import os
import re
import sys

from harness import ROOT, Cases


def options_of_page(name):
    with open(os.path.join(ROOT, "docs/man", name)) as page:
        text = page.read().replace("\\-", "-")
    parts = re.split(r"^\.SH +(.*)$", text, flags=re.M)
    return {title: set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", body))
            for title, body in zip(parts[1::2], parts[2::2])}


def options_of_help(stage, *command):
    text = stage.run("client/incamera", *command, "--help").stdout
    return {word for word in re.findall(r"^  (--[a-z-]+)", text, re.M)
            if not word.startswith("--test-")} - {"--help"}


def every_option_is_in_the_page(stage):
    page = options_of_page("incamera.1")
    for command, title in (("join", "OPTIONS OF JOIN"), ("meeting", "OPTIONS OF MEETING")):
        told, shown = page[title], options_of_help(stage, command)
        assert shown == told, "%s: in the page alone: %s; in --help alone: %s" % (
            command, sorted(told - shown), sorted(shown - told))
    assert options_of_help(stage, "crypto", "info") == page["SYNOPSIS"] == {"--json"}


def every_command_has_help(stage):
    text = stage.run("client/incamera", "--help").stdout
    for command in ("join", "meeting", "crypto"):
        assert re.search(r"^ +(incamera )?%s " % command, text, re.M), text
        assert stage.run("client/incamera", command, "-h").stdout.startswith("incamera " + command)
    assert stage.run("client/incamera", check=False).returncode == 2
    assert stage.run("client/incamera", "dance", check=False).returncode == 2
    assert re.match(r"incamera \d+\.\d+", stage.run("client/incamera", "--version").stdout)


def sources(*patterns):
    """The text of all files that fit."""
    text = ""
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(ROOT, pattern))):
            with open(path) as code:
                text += code.read()
    return text


def every_event_and_command_is_in_the_document(_stage):
    with open(os.path.join(ROOT, "docs/events.md")) as page:
        events, commands = page.read().split("## Commands")
    # An event is named in a table `names`, or where its line is opened.
    writers = sources("lib/meeting/src/json*.c", "lib/together/src/*json*.c", "client/cli/json*.c")
    tables = re.findall(r"\bnames\[[^\]]*\] = \{(.*?)\};", writers, re.S)
    sent = set(re.findall(r'"([a-z_]+)"', "".join(tables)))
    sent |= set(re.findall(r'(?:print|print_[a-z]+|tell|line_open|json_open)\((?:&\w+, )?"([a-z_]+)"', writers))
    sent |= {name for pair in re.findall(r'json_open\(\S+ \? "([a-z_]+)" : "([a-z_]+)"', writers) for name in pair}
    taken = set(re.findall(r'\{"([a-z_]+)", (?:do_|ICC_DESK_)', sources("client/cli/*.c")))
    rows = re.compile(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", re.M)
    told = {name for row in rows.findall(events) for name in re.findall(r"`([a-z_]+)`", row)}
    known = {name for row in rows.findall(commands) for name in re.findall(r"`([a-z_]+)`", row)}
    assert len(sent) > 20 and sent == told, "events: %s" % sorted(sent ^ told)
    assert len(taken) > 8 and taken == known, "commands: %s" % sorted(taken ^ known)


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(every_option_is_in_the_page, every_command_has_help,
                                            every_event_and_command_is_in_the_document))
