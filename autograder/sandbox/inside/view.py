"""The warm process's own view of the machine, where bubblewrap isn't installed.

The process leaves its namespaces, mounts an empty tmpfs, binds read-only what the configuration
lists, and makes that its root. What remains outside is a process that waits, and that takes the
warm process with it when the grader dies.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

from . import walls

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_RECURSIVE, _PRIVATE, _DETACH = 0x4000, 0x40000, 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_ROOT = "/tmp"  # noqa: S108 - an empty file system is mounted over it


def enter(config: dict[str, Any]) -> None:
    """Return in a process that sees only what is listed; raise OSError where that can't be done."""
    walls.die_with_parent()
    flags = walls.NEW_MOUNTS | walls.NEW_NAMES | walls.NEW_IPC
    flags |= walls.NEW_PROCESSES | walls.NEW_NETWORK
    walls.unshare(flags, walls.is_privileged())
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    walls.die_with_parent()
    walls.mount("none", "/", "", _RECURSIVE | _PRIVATE)
    harmless = walls.NO_SETUID | walls.NO_DEVICES
    sources = {path: os.open(path, os.O_PATH) for path in (*config["readable"], *config["devices"])}
    walls.mount("tmpfs", _ROOT, "tmpfs", harmless, "mode=0755")
    for path in ("proc", "tmp"):
        os.mkdir(f"{_ROOT}/{path}")  # noqa: PTH102
    walls.mount("tmpfs", f"{_ROOT}/tmp", "tmpfs", harmless, "mode=1777")  # noqa: S108
    for path, descriptor in sources.items():
        walls.bind(descriptor, f"{_ROOT}{path}", writable=path in config["devices"])
    walls.mount("proc", f"{_ROOT}/proc", "proc", harmless | walls.NO_EXEC)
    _make_root()


def _make_root() -> None:
    walls.make_read_only(_ROOT, recursive=False)
    os.chdir(_ROOT)
    walls.check(_LIBRARY.syscall(_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    walls.check(_LIBRARY.umount2(b".", _DETACH), "umount of the old root")
    os.chdir("/")
