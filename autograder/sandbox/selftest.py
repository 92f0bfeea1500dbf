"""Tries harmless escapes from a sandbox on this machine, and says what became of each.

An attempt is a few lines of Python that raise nothing if they succeed. Some leave a trace that is
looked for from outside: a connection that arrived, a file that was written, a process that died.
"""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.model import Ending, Limits, Outcome, Program, Step

from .isolation import Isolation
from .runner import Sandbox

_CALL = """
import ctypes
library = ctypes.CDLL(None, use_errno=True)
if library.syscall{} == -1:
    raise OSError(ctypes.get_errno(), "refused")
"""
_LIMITS = Limits(step_cpu_seconds=5, step_wall_seconds=20, memory_bytes=1 << 30)


@dataclass(frozen=True)
class Attempt:
    """Something that a submission might try, and the wall that should stop it."""

    tried: str
    stopped_by: str
    source: str


@dataclass(frozen=True)
class Finding:
    """What became of an attempt: `held` says that nothing was reached."""

    attempt: Attempt
    held: bool
    said: str


def selftest(isolation: Isolation, course: Path) -> list[Finding]:
    """Run all attempts in a sandbox; `course` is a folder that no attempt may read.

    Raises CourseError where there is no sandbox to be tried.
    """
    with ExitStack() as stack:
        bait = stack.enter_context(_bait(course))
        sandbox = stack.enter_context(Sandbox(isolation))
        attempts = list(_attempts(bait))
        steps = tuple(Step(str(n), attempt.source) for n, attempt in enumerate(attempts))
        run = sandbox.run(Program({}, steps, _LIMITS))
        findings = [_judge(a, o) for a, o in zip(attempts, run.outcomes, strict=True)]
        return [*findings, *bait.traces()]


@dataclass
class _Bait:
    """What is laid out to be found: files, a listening socket, a living process."""

    folder: Path
    files: dict[str, Path]
    listener: socket.socket
    process: subprocess.Popen[bytes]

    def traces(self) -> Iterator[Finding]:
        """Look at what the attempts would have left behind."""
        try:
            self.listener.accept()[0].close()
            arrived = True
        except BlockingIOError:
            arrived = False
        looked: list[tuple[str, bool, str]] = [
            ("a connection from inside", arrived, "none arrived"),
            ("a file left outside", len(list(self.folder.iterdir())) > 1, "none is there"),
            ("the grader's other process", self.process.poll() is not None, "it lives"),
        ]
        for tried, reached, said in looked:
            attempt = Attempt(f"seen from outside: {tried}", "all of them", "")
            yield Finding(attempt, not reached, "REACHED" if reached else said)


@contextmanager
def _bait(course: Path) -> Iterator[_Bait]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="selftest-")))
        files = {"a file of the grader": folder / "secret", **_files_of(course)}
        files["a file of the grader"].write_text("secret")
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.setblocking(False)
        command = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
        process = stack.enter_context(subprocess.Popen(command))
        stack.callback(process.kill)
        yield _Bait(folder, files, listener, process)


def _files_of(course: Path) -> dict[str, Path]:
    """Return a file of the course, and one of the home folder, where there are any."""
    places = {"a file of the course": course, "a file of the home folder": Path.home()}
    found = {tried: _first_file(place) for tried, place in places.items()}
    return {tried: file for tried, file in found.items() if file}


def _first_file(folder: Path) -> Path | None:
    return next((path for path in sorted(folder.iterdir()) if path.is_file()), None)


def _attempts(bait: _Bait) -> Iterator[Attempt]:
    port, grader, other = bait.listener.getsockname()[1], os.getpid(), bait.process.pid
    files, others = "view, namespaces, landlock", "namespaces, seccomp"
    connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=2)"
    yield Attempt("connect to this machine", others, connect)
    resolve = "import socket; socket.getaddrinfo('example.org', 80)"
    yield Attempt("look up a name on the network", others, resolve)
    yield Attempt(
        "a socket of another kind", "seccomp", "import socket; socket.socket(socket.AF_UNIX)"
    )
    for tried, file in bait.files.items():
        yield Attempt(f"read {tried}", files, f"open({str(file)!r}, 'rb').read()")
    yield Attempt("read the list of users", files, "open('/etc/passwd').read()")
    write = f"open({str(bait.folder / 'left')!r}, 'w').write('x')"
    yield Attempt("write beside the grader's files", files, write)
    change = "import os; open(os.__file__, 'a').write('')"
    yield Attempt("change Python itself", files, change)
    environment = f"open('/proc/{grader}/environ', 'rb').read()"
    yield Attempt("read the grader's environment", "namespaces, landlock", environment)
    memory = f"open('/proc/{grader}/mem', 'rb').read(1)"
    yield Attempt("read the grader's memory", "namespaces, landlock", memory)
    end = f"import os, signal; os.kill({other}, signal.SIGKILL)"
    yield Attempt("kill another process", others, end)
    yield Attempt("kill all processes", "seccomp", "import os; os.kill(-1, 9)")
    yield Attempt(
        "a fork bomb",
        "seccomp, limits",
        "import os\nfor _ in range(50):\n    os.fork() or os._exit(0)",
    )
    yield Attempt("start a program", "seccomp", "import subprocess; subprocess.run(['/bin/true'])")
    yield Attempt("ten times the memory", "limits", f"bytearray({10 * _LIMITS.memory_bytes})")
    raised = "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY, r.RLIM_INFINITY))"
    yield Attempt("raise its own limits", "unprivileged", raised)
    yield Attempt("become root", "unprivileged", "import os; os.setuid(0 if os.getuid() else 1)")
    if platform.machine() == "x86_64":  # whose numbers these are
        for tried, call in (
            ("trace a process (ptrace)", (101, 16, other, 0, 0)),
            ("read a process (process_vm_readv)", (310, grader, 0, 0, 0, 0, 0)),
            ("take a descriptor (pidfd_open)", (434, grader, 0)),
            ("mount a file system", (165, 0, 0, 0, 0, 0)),
            ("make a namespace (unshare)", (272, 0x10000000)),
            ("the kernel's keyrings", (250, 0, -3, 0)),
            ("io_uring", (425, 8, 0)),
            ("a program in the kernel (bpf)", (321, 0, 0, 0)),
        ):
            yield Attempt(tried, "seccomp", _CALL.format(call))


def _judge(attempt: Attempt, outcome: Outcome) -> Finding:
    failure = outcome.failure
    said = failure.name if failure else outcome.ending.value
    if outcome.ending is Ending.OK:
        return Finding(attempt, False, "REACHED")
    held = outcome.ending in (Ending.ERROR, Ending.MEMORY)
    return Finding(attempt, held, f"refused ({said})" if held else f"no answer ({said})")
