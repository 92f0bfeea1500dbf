"""The warm process's own view of the machine, where bubblewrap isn't installed.

The process leaves its namespaces, mounts an empty tmpfs, binds read-only what the configuration
lists, and makes that its root. What remains outside is a process that waits, and that takes the
warm process with it when the grader dies.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

from . import walls

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 0x1000, 0x4000, 0x40000, 2
_MOUNT_SETATTR, _AT_EMPTY_PATH_RECURSIVE = 442, 0x8000
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
    for path, descriptor in sources.items():
        _bind(descriptor, path, writable=path in config["devices"])
    for path in ("proc", "tmp"):
        os.makedirs(f"{_ROOT}/{path}", exist_ok=True)  # noqa: PTH103
    walls.mount("proc", f"{_ROOT}/proc", "proc", harmless | walls.NO_EXEC)
    walls.mount("tmpfs", f"{_ROOT}/tmp", "tmpfs", harmless, "mode=1777")  # noqa: S108
    _make_root()


def _bind(descriptor: int, path: str, writable: bool) -> None:
    """Show a file or folder under its own name; `descriptor` reaches it below the new root, too."""
    target = f"{_ROOT}{path}"
    source = f"/proc/self/fd/{descriptor}"
    if os.path.isdir(source):  # noqa: PTH112
        os.makedirs(target, exist_ok=True)  # noqa: PTH103
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    walls.mount(source, target, "", _BIND | _RECURSIVE)
    os.close(descriptor)
    if not writable:
        _make_read_only(target, recursive=True)


def _make_read_only(target: str, recursive: bool) -> None:
    attributes = struct.pack("=QQQQ", walls.READ_ONLY | walls.NO_SETUID, 0, 0, 0)
    flags = _AT_EMPTY_PATH_RECURSIVE if recursive else 0
    done = _LIBRARY.syscall(
        _MOUNT_SETATTR, -100, target.encode(), flags, attributes, len(attributes)
    )
    walls.check(done, f"make {target} read-only")


def _make_root() -> None:
    _make_read_only(_ROOT, recursive=False)
    os.chdir(_ROOT)
    walls.check(_LIBRARY.syscall(_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    walls.check(_LIBRARY.umount2(b".", _DETACH), "umount of the old root")
    os.chdir("/")
