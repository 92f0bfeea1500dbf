"""A filter of system calls, assembled by hand for the machine that it runs on.

The filter is a short program for the kernel's packet-filter machine. It looks at the architecture
and the number of each call, and for a few calls at an argument. Refused calls return EPERM. What
is refused: other processes (making, signalling, tracing, reading them), sockets, running programs,
mounts and namespaces, memory that no limit counts, and everything that only root needs. Threads are
allowed: `clone` must carry CLONE_THREAD, and `clone3`, whose flags a filter cannot see, looks
unknown, so that the C library falls back to `clone`. Calls newer than this list look unknown too.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

# Names with their numbers on x86_64 and aarch64; None where a machine doesn't have the call.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_setup": (206, 0),
    "io_submit": (209, 2),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "lookup_dcookie": (212, 18),
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "mknod": (133, None),
    "mknodat": (259, 33),
}
# Changes of what landlock doesn't guard; refused where the file system isn't read-only besides.
_METADATA: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
}
# Calls of which the first argument must be this process, or 0 for it.
_OWN: dict[str, tuple[int, int]] = {
    "kill": (62, 129),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
}
# Calls that must not have certain second arguments: they can send signals to anybody.
_COMMANDS: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "fcntl": (72, 25, (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX
    "ioctl": (16, 29, (0x8901, 0x8902, 0x5412)),  # FIOSETOWN, SIOCSPGRP, TIOCSTI
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_NEWEST = 462  # calls beyond it were not looked at
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _EQUAL, _GREATER, _BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06  # instructions
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data, little-endian
_ALLOW, _ERROR, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_CLONE_THREAD = 0x10000


def supported(machine: str) -> bool:
    """Say whether there is a table of calls for this machine."""
    return machine in _ARCHITECTURES


def assemble(machine: str, pid: int, read_only: bool = True) -> bytes:
    """Return the filter for a process that knows itself as `pid`.

    `read_only` says whether the file system is read-only outside of the scratch folder.
    """
    column, architecture = _ARCHITECTURES[machine]
    refuse, unknown = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
    code = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, architecture, 1, 0), _op(_RETURN, _KILL_PROCESS)]
    code += [_op(_LOAD, _NUMBER)]
    for name, own in _OWN.items():
        everybody = name == "kill"  # to which 0 would be a whole group
        code += _when(own[column], _first_argument_is(*([pid] if everybody else [0, pid])))
    for *both, commands in _COMMANDS.values():
        code += _when(int(both[column]), _second_argument_is_not(*commands))
    code += _when(
        _CLONE[column],
        [
            _op(_LOAD, _ARGUMENTS),
            _op(_BITS, _CLONE_THREAD, 0, 1),
            _op(_RETURN, _ALLOW),
            _op(_RETURN, refuse),
        ],
    )
    code += _when(_CLONE3[column], [_op(_RETURN, unknown)])
    for numbers in [*_CALLS.values(), *(() if read_only else _METADATA.values())]:
        number = numbers[column]
        if number is not None:
            code += _when(number, [_op(_RETURN, refuse)])
    code += [_op(_GREATER, _NEWEST, 0, 1), _op(_RETURN, unknown)]  # also the x32 calls
    return b"".join([*code, _op(_RETURN, _ALLOW)])


def install(filter_code: bytes) -> None:
    """Put the filter on this process, for ever; no_new_privs must be set before."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    code = ctypes.create_string_buffer(filter_code, len(filter_code))
    program = Program(len(filter_code) // 8, ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(22, 2, ctypes.byref(program), 0, 0) != 0:  # PR_SET_SECCOMP, MODE_FILTER
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _when(number: int, then: list[bytes]) -> list[bytes]:
    """Run `then`, which returns, if the call's number is this one."""
    return [_op(_EQUAL, number, 0, len(then)), *then]


def _first_argument_is(*allowed: int) -> list[bytes]:
    code = [_op(_LOAD, _ARGUMENTS)]
    for value in allowed:
        code += [_op(_EQUAL, value, 0, 1), _op(_RETURN, _ALLOW)]
    return [*code, _op(_RETURN, _ERROR | errno.EPERM)]


def _second_argument_is_not(*refused: int) -> list[bytes]:
    code = [_op(_LOAD, _ARGUMENTS + 8)]
    for value in refused:
        code += [_op(_EQUAL, value, 0, 1), _op(_RETURN, _ERROR | errno.EPERM)]
    return [*code, _op(_RETURN, _ALLOW)]
