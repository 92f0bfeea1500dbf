"""The walls around one notebook, built by the processes themselves before they read a byte of it.

`enter_namespaces` is for the supervisor: its children get a tree of processes, a network, a mount
table and a /tmp of their own. `confine` is for the notebook process: landlock, privileges, limits,
and last the filter of system calls. Each wall is tried by itself; both functions return the names
of those that stand, and the grader decides whether they are enough. What failed, and why, is in
`Walls.missing`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from . import seccomp

_LIBRARY = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, NEW_NAMES, NEW_IPC = 0x20000, 0x4000000, 0x8000000
NEW_USER, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_MOUNT_SETATTR, _AT_RECURSIVE = 442, 0x8000
_CAP_SETGID, _CAP_SETUID, _CAP_SYS_ADMIN, _LAST_CAP = 6, 7, 21, 63


@dataclass
class Walls:
    """Names of the walls that stand, and why others don't."""

    standing: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def attempt(self, name: str, build: Callable[[], None]) -> bool:
        """Build one wall, and note whether it stands."""
        try:
            build()
        except (OSError, KeyError, ValueError) as error:
            self.missing[name] = str(error)
            return False
        self.standing.append(name)
        return True


def check(result: int, what: str) -> int:
    """Raise OSError if a C function returned -1."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that started it ends."""
    _LIBRARY.prctl(1, 9, 0, 0, 0)


def is_privileged() -> bool:
    """Say whether this process may make namespaces and change its user without a user namespace."""
    if os.geteuid() != 0:
        return False
    with open("/proc/self/status") as lines:  # noqa: PTH123 - no pathlib before the fork
        held = next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff"))
    return all(held >> cap & 1 for cap in (_CAP_SETGID, _CAP_SETUID, _CAP_SYS_ADMIN))


def unshare(flags: int, privileged: bool) -> None:
    """Leave the given namespaces, through a user namespace unless privileged."""
    user, group = os.geteuid(), os.getegid()
    check(_LIBRARY.unshare(flags | (0 if privileged else NEW_USER)), "unshare")
    if not privileged:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(descriptor, text.encode())
            os.close(descriptor)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system, or raise OSError."""
    done = _LIBRARY.mount(
        source.encode(), target.encode(), kind.encode(), flags, options.encode() or None
    )
    check(done, f"mount {target}")


def bind(descriptor: int, target: str, writable: bool = False) -> None:
    """Show at `target` the file or folder that an O_PATH descriptor leads to, and close it."""
    source = f"/proc/self/fd/{descriptor}"
    if os.path.isdir(source):  # noqa: PTH112
        os.makedirs(target, exist_ok=True)  # noqa: PTH103
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(source, target, "", _BIND | _RECURSIVE)
    os.close(descriptor)
    if not writable:
        make_read_only(target, recursive=True)


def make_read_only(target: str, recursive: bool) -> None:
    """Make a mount, and those below it, read-only."""
    attributes = struct.pack("=QQQQ", READ_ONLY | NO_SETUID, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    done = _LIBRARY.syscall(
        _MOUNT_SETATTR, -100, target.encode(), flags, attributes, len(attributes)
    )
    check(done, f"make {target} read-only")


def _own_tmp(config: dict[str, Any]) -> None:
    """Mount an empty /tmp; what must stay readable below it, such as a Python there, is kept."""
    kept = [path for path in config["readable"] if path.startswith("/tmp/")]  # noqa: S108
    descriptors = {path: os.open(path, os.O_PATH) for path in kept}
    size = f"size={config['scratch_bytes']},nr_inodes=100000,mode=1777"
    mount("tmpfs", "/tmp", "tmpfs", NO_SETUID | NO_DEVICES, size)  # noqa: S108
    for path, descriptor in descriptors.items():
        bind(descriptor, path)


def enter_namespaces(walls: Walls, config: dict[str, Any]) -> None:
    """Build the walls that the notebook process will be born within."""
    privileged = is_privileged()
    config.update(privileged=privileged, own_tmp=False)
    if not config["namespaces"]:
        return
    flags = NEW_MOUNTS | NEW_NAMES | NEW_IPC | NEW_PROCESSES | NEW_NETWORK

    def build() -> None:
        unshare(flags, privileged)
        check(_LIBRARY.sethostname(b"notebook", 8), "sethostname")
        mount("none", "/", "", _RECURSIVE | _PRIVATE)
        _own_tmp(config)
        mount("tmpfs", "/proc", "tmpfs", READ_ONLY | NO_SETUID | NO_DEVICES | NO_EXEC, "size=4k")

    config["own_tmp"] = walls.attempt("namespaces", build)


def be_the_first_to_go(proc: int, pid: int) -> None:
    """Have the kernel choose this process when the whole machine runs out of memory."""
    with contextlib.suppress(OSError):
        file = os.open(f"{pid}/oom_score_adj", os.O_WRONLY, dir_fd=proc)
        os.write(file, b"1000")
        os.close(file)


def confine(walls: Walls, config: dict[str, Any], scratch: str) -> None:
    """Give up for ever, in this process, all that a notebook doesn't need."""
    _LIBRARY.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    walls.attempt("landlock", lambda: _landlock(config["readable"], [scratch], config["public"]))
    walls.attempt("unprivileged", lambda: _drop_privileges(config))
    die_with_parent()  # after the change of user, which would undo it
    walls.attempt("limits", lambda: _limit(config))
    walls.attempt("seccomp", lambda: _filter_calls(config["public"]))


def _drop_privileges(config: dict[str, Any]) -> None:
    """Change to a user that owns nothing, if privileged, and give up all capabilities."""
    for capability in range(_LAST_CAP + 1):
        _LIBRARY.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    if config["privileged"] and (config["own_tmp"] and config["public"]):
        os.setgroups([])
        os.setresgid(config["user"], config["user"], config["user"])
        os.setresuid(config["user"], config["user"], config["user"])
    head = struct.pack("=II", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    check(_LIBRARY.capset(head, struct.pack("=6I", *[0] * 6)), "capset")


def _limit(config: dict[str, Any]) -> None:
    """Set hard limits; time is kept by the supervisor, and here only as a last resort."""
    seconds = int(config["cpu_seconds"]) + 10
    limits = {
        resource.RLIMIT_AS: config["memory_bytes"],
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: config["scratch_bytes"],
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if config["own_tmp"] and _kernel() >= (5, 14):  # before, all processes of the user counted
        limits[resource.RLIMIT_NPROC] = config["threads"]
    for which, wanted in limits.items():
        hard = resource.getrlimit(which)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (value, value))


def _filter_calls(read_only: bool) -> None:
    seccomp.install(seccomp.assemble(platform.machine(), os.getpid(), read_only))


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])


# Landlock: rights on files by the version of the interface that brought them.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # version: number of rights


def _landlock(readable: Iterable[str], writable: Iterable[str], read_only: bool) -> None:
    version = min(check(_LIBRARY.syscall(444, None, 0, 1), "landlock"), 6)
    if version < 3 and not read_only:
        raise OSError("landlock of this kernel doesn't keep files from being emptied")
    rights = (1 << _FILE_RIGHTS[min(version, 5)]) - 1
    network = 3 if version >= 4 else 0  # bind and connect
    scope = 3 if version >= 6 else 0  # abstract sockets and signals
    attributes = struct.pack("=QQQ", rights, network, scope)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = check(_LIBRARY.syscall(444, attributes, size, 0), "landlock_create_ruleset")
    for path in readable:
        _allow(ruleset, path, (_EXECUTE | _READ_FILE | _READ_DIR) & rights)
    for path in writable:
        _allow(ruleset, path, rights & ~_EXECUTE & ~_IOCTL)
    for path in ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"):
        _allow(ruleset, path, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & rights)
    check(_LIBRARY.syscall(446, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine: nothing to allow
        return
    if not os.path.isdir(path):  # noqa: PTH112
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
    rule = struct.pack("=Qi", rights, descriptor)
    check(_LIBRARY.syscall(445, ruleset, 1, rule, 0), f"landlock_add_rule {path}")
    os.close(descriptor)
