"""A client whose datagrams stop arriving while its connection to the server stays: media opens again by itself."""
import ctypes
import os
import socket
import sys

from harness import LONG_S, Cases, Failure, Skipped

SYS_PIDFD_GETFD = 438


def is_socket(path):
    try:
        return os.readlink(path).startswith("socket:")
    except FileNotFoundError:
        return False  # closed meanwhile


def datagram_socket(pid):
    """The very UDP socket of another process, or None where the system does not permit it."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(pid)
    try:
        for fd in map(int, os.listdir("/proc/%d/fd" % pid)):
            if not is_socket("/proc/%d/fd/%d" % (pid, fd)):
                continue
            copy = libc.syscall(SYS_PIDFD_GETFD, pidfd, fd, 0)
            if copy < 0:
                return None
            found = socket.socket(fileno=copy)
            if found.type == socket.SOCK_DGRAM:
                return found
            found.close()
    finally:
        os.close(pidfd)
    raise Failure("the client has no UDP socket")


def media_opens_again_without_a_new_connection(stage):
    link = stage.server().create_meeting("alice")
    alice = stage.client("alice", link, "--stats", "1")
    alice.enter()
    bob = stage.client("bob", link, "--audio", "test:tone:500", "--stats", "1")
    alice.admit("bob")
    alice.expect_hearing("bob", streams=["audio"])
    udp = datagram_socket(bob.pid)
    if not udp:
        raise Skipped("this system gives no descriptor of another process away")
    mark, before = bob.mark(), bob.last("stats")
    udp.connect(("::1", 9))  # from now on only that peer's datagrams arrive
    bob.expect("media", since=mark, open=False, limit_s=LONG_S)
    libc = ctypes.CDLL(None)
    unspecified = (ctypes.c_char * 16)()
    if libc.connect(udp.fileno(), unspecified, 16) != 0:
        raise Failure("the socket cannot be released")
    bob.expect("media", since=mark, open=True, limit_s=LONG_S)
    assert not bob.select("connection", since=mark), "the connection went too"
    alice.expect_flow(more=60)
    assert bob.last("stats")["frames_sent"] > before.get("frames_sent", 0)


if __name__ == "__main__":
    sys.exit(Cases(*sys.argv[1:3]).run(media_opens_again_without_a_new_connection))
