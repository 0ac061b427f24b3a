"""Runs a command where there is no network but loopback. Linux only; started as a script.

    python -I isolation.py pytest --opswald-isolate

A fresh interpreter has one thread, as the kernel demands of who unshares a user namespace.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from pathlib import Path
from typing import NoReturn

VARIABLE = "OPSWALD_ISOLATED"
"""Names the network namespace that a process was put into."""

USAGE_ERROR = 4
"""As pytest's."""

HELP = """\
ERROR: --opswald-isolate: this system gives no network namespace of its own ({problem}).
It does so to root, and to everybody where user namespaces are enabled:
  sysctl -w kernel.unprivileged_userns_clone=1            (Debian)
  sysctl -w kernel.apparmor_restrict_unprivileged_userns=0  (Ubuntu 24.04 and later)
Or run the tests in a container without network: docker run --network none ..."""

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_FLAGS = struct.Struct("16sH22x")
"""Name and flags of an interface, as `struct ifreq`."""


def is_isolated() -> bool:
    """Whether this process lives in the namespace that it was put into."""
    return os.environ.get(VARIABLE) == _namespace()


def main(command: list[str]) -> NoReturn:
    """Become the command, in a network of its own, or exit where that is not allowed."""
    try:
        _leave_network()
        _bring_up(b"lo")
    except OSError as problem:
        sys.stderr.write(f"{HELP.format(problem=problem.strerror)}\n")
        sys.exit(USAGE_ERROR)
    os.environ[VARIABLE] = _namespace()
    os.execv(command[0], command)


def _namespace() -> str:
    return str(Path("/proc/self/ns/net").stat().st_ino)


def _leave_network() -> None:
    try:
        _unshare(_CLONE_NEWNET)
    except PermissionError:
        user, group = os.getuid(), os.getgid()
        _unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _unshare(flags: int) -> None:
    # `os.unshare` is Python 3.12's.
    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _bring_up(interface: bytes) -> None:
    from fcntl import ioctl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = ioctl(any_socket, _SIOCGIFFLAGS, _FLAGS.pack(interface, 0))
        _, flags = _FLAGS.unpack(asked)
        ioctl(any_socket, _SIOCSIFFLAGS, _FLAGS.pack(interface, flags | _IFF_UP))


if __name__ == "__main__":
    main(sys.argv[1:])
