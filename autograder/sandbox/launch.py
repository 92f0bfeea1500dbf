"""Starts the warm process, with a view of the machine that holds Python and nothing else.

The view is made by bubblewrap, or by the process itself (`inside/view.py`), or not at all, as
`detect` found out. The process is started by exec, with a clean environment, and talks on one
socket whose other end only the grader holds: when the grader is gone, so is the warm process.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from .inside import walls
from .inside.sealed import seal

INSIDE = Path(__file__).parent / "inside"
_SYSTEM = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib",
    "/usr/share/zoneinfo", "/usr/share/tcltk", "/nix/store", "/gnu/store",
    "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/nsswitch.conf",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_START_SECONDS = 60.0
_HOME = "/tmp/autograder"  # noqa: S108 - in a view of its own


class SandboxError(Exception):
    """The sandbox failed, by no fault of the submission."""


@dataclass(frozen=True)
class Recipe:
    """How to start warm processes here; `trial` ones import nothing slow and run no notebook."""

    view: str = "none"  # "bubblewrap", "own" or "none"
    trial: bool = False
    namespaces: bool = True  # make them for each notebook; False where they are not to be had


class WarmProcess:
    """The warm process, seen from the grader."""

    def __init__(self, recipe: Recipe) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="autograder-")) if recipe.view == "none" else None
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        ours, theirs = socket.socketpair()
        self._control = ours
        config = configuration(recipe, theirs.fileno(), str(self._home or _HOME))
        self.home, self.readable = config["home"], config["readable"]
        self.namespaces = recipe.namespaces
        self.has_view = recipe.view != "none"
        try:
            self._process = subprocess.Popen(
                _command(recipe, config),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env=_environment(config["home"]),
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the grader, which then ends this
                cwd="/",
            )
        except OSError as error:
            ours.close()
            raise SandboxError(f"the sandbox did not start: {error}") from error
        finally:
            theirs.close()
        self._is_warm = False
        self._lock = threading.Lock()
        self._sealed: dict[int, tuple[np.ndarray, int]] = {}

    def fork(self) -> tuple[socket.socket, socket.socket]:
        """Have a notebook process and its supervisor made; return the sockets to them.

        The first ones have to wait until the process is warm.
        """
        with self._lock:
            self._wait_until_warm()
        channel, their_channel = socket.socketpair()
        control, their_control = socket.socketpair()
        try:
            descriptors = [their_channel.fileno(), their_control.fileno()]
            socket.send_fds(self._control, [b"f"], descriptors)
        except OSError as error:
            channel.close()
            control.close()
            raise SandboxError(f"the warm process is gone: {self.complaint()}") from error
        finally:
            their_channel.close()
            their_control.close()
        return channel, control

    def sealed(self, array: np.ndarray) -> int:
        """Return the descriptor of sealed memory that holds an array, until this is closed."""
        with self._lock:
            if id(array) not in self._sealed:
                self._sealed[id(array)] = array, seal(array)
            return self._sealed[id(array)][1]

    def complaint(self) -> str:
        """Return the end of what the warm process wrote to its standard error."""
        if self._log.closed:
            return ""
        self._log.seek(0)
        return self._log.read()[-2000:].decode(errors="replace").strip()

    def close(self) -> None:
        """End the warm process, and with it all that it forked."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # a thread may be waiting for it to be warm
        self._control.close()
        try:
            self._process.wait(timeout=2 if self._is_warm else 0)  # till then it doesn't listen
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        with self._lock:
            for _, descriptor in self._sealed.values():
                os.close(descriptor)
            self._sealed.clear()
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)

    def _wait_until_warm(self) -> None:
        if self._is_warm:
            return
        self._control.settimeout(_START_SECONDS)
        with suppress(OSError):
            self._is_warm = self._control.recv(1) == b"w"
        if self._is_warm:
            return
        raise SandboxError(f"the warm process did not start: {self.complaint()}")


def configuration(recipe: Recipe, control: int, home: str) -> dict[str, Any]:
    """Return what `inside/start.py` is told."""
    path = import_path()
    return {
        "control": control,
        "view": recipe.view,
        "trial": recipe.trial,
        "home": home,
        "path": path,
        "readable": [*folders_to_show(path), str(INSIDE)],
        "devices": _DEVICES,
    }


def import_path() -> list[str]:
    """Return the folders of the standard library and of installed packages, and no others."""
    known = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    known.add(f"{sysconfig.get_path('platstdlib')}/lib-dynload")
    names = ("site-packages", "dist-packages", "lib-dynload")
    path = [p for p in sys.path if p in known or Path(p).name in names]
    every = [Path(p) for p in dict.fromkeys([*path, *sorted(known)])]
    return [str(p) for p in every if p.is_dir() and (p.name in names or (p / "os.py").exists())]


def folders_to_show(path: list[str]) -> list[str]:
    """Return what has to be readable for this Python to run: no home, no course."""
    prefix = Path(sys.base_prefix).resolve()
    python = str(Path(sys._base_executable).resolve())  # type: ignore[attr-defined]
    wanted = [*_SYSTEM, *path, python]
    if prefix not in (Path("/usr"), Path("/usr/local"), Path("/")):
        wanted += [sys.base_prefix, str(prefix)]
    present = sorted({item for item in wanted if Path(item).exists()})
    chosen: list[str] = []
    for item in present:
        if not any(Path(item).is_relative_to(other) for other in chosen):
            chosen.append(item)
    return chosen


def fresh_user() -> int:
    """Return the number of a user that nobody else is, for one notebook."""
    return 0x7000_0000 + secrets.randbelow(1 << 24)


def _environment(home: str) -> dict[str, str]:
    threads = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "BLIS")
    return {
        **{f"{name}_NUM_THREADS": "1" for name in threads},
        "PATH": "",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "IPYTHONDIR": f"{home}/ipython",
        "PYTHONHASHSEED": "0",  # the order of a set is the same in each run
        "PYTHONUTF8": "1",
    }


def _command(recipe: Recipe, config: dict[str, Any]) -> list[str]:
    python = str(Path(sys._base_executable).resolve())  # type: ignore[attr-defined]
    start = [python, "-s", "-S", "-P", "-B", str(INSIDE / "start.py"), json.dumps(config)]
    return [*_bubblewrap(config), *start] if recipe.view == "bubblewrap" else start


def _bubblewrap(config: dict[str, Any]) -> list[str]:
    """Return bubblewrap's command line; root keeps what is needed to make namespaces inside."""
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
    ]
    command += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if walls.is_privileged():
        for name in ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "KILL"):
            command += ["--cap-add", f"CAP_{name}"]
    else:
        user = str(os.geteuid() or 65534)  # user 0 could not make namespaces inside
        command += ["--unshare-user", "--uid", user, "--gid", user]
    parents = {str(above) for item in config["readable"] for above in Path(item).parents}
    for folder in sorted(parents - {"/"}):
        command += ["--perms", "0755", "--dir", folder]  # else a notebook's user can't pass
    command += ["--proc", "/proc", "--dir", "/dev", "--tmpfs", "/tmp"]  # noqa: S108
    for device in _DEVICES:
        command += ["--dev-bind", device, device]
    for item in config["readable"]:
        command += ["--ro-bind", item, item]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]
