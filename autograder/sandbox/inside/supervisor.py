"""One supervisor per notebook process: it builds the namespaces, forks, keeps time, and ends it.

The supervisor stays outside the notebook's namespaces and reads nothing that the notebook writes.
The grader talks to it on a socket of its own:

    start   {limits...}         first frame; the supervisor forks
    begin   {cpu, wall}         a step begins, with what it may use; no answer
    end     -> {cpu}            the step has ended; CPU seconds that it took
    finish  -> {status, ...}    kill the notebook process, report, and leave

When the notebook process has died, or was killed at a limit, the report comes unasked. When the
grader is gone, its sockets close, and the supervisor kills and leaves.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
import traceback
from typing import Any, NoReturn

from . import notebook, walls, wire


def run(channel: socket.socket, control: socket.socket) -> NoReturn:
    """Run one notebook process from its birth to its end; never returns."""
    status = 1
    try:
        walls.die_with_parent()
        config, _ = wire.receive(control, 0)
        built = walls.Walls()
        proc = os.open("/proc", os.O_PATH)  # it is hidden afterwards
        walls.enter_namespaces(built, config)
        child = os.fork()
        if child == 0:
            control.close()
            notebook.run(channel, config, built)
        channel.close()
        walls.be_the_first_to_go(proc, child)
        try:
            _Watch(control, child).until_it_ends()
        finally:
            notebook.remove_scratch(config)
        status = 0
    except (wire.WireError, ConnectionError):
        pass  # the grader is gone
    except BaseException:
        traceback.print_exc()  # to the warm process's log
        raise
    finally:
        os._exit(status)


class _Watch:
    """Keeps the time of one process."""

    def __init__(self, control: socket.socket, child: int) -> None:
        self._control = control
        self._child = child
        self._clock = (~child << 3) | 2  # the CPU clock of a process, as clock_getcpuclockid has it
        self._pidfd = os.pidfd_open(child)
        self._cpu_start = 0.0
        self._cpu_end = self._wall_end = float("inf")
        self._reason = ""
        self._cores = os.cpu_count() or 1

    def until_it_ends(self) -> None:
        """Serve the grader until the process is dead, then report."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._pidfd, select.POLLIN)
        try:
            while True:
                ready = {number for number, _ in poll.poll(self._patience())}
                if self._pidfd in ready:
                    break
                if ready and not self._obey():
                    break
                self._enforce()
        finally:
            os.kill(self._child, signal.SIGKILL)
        _, status, usage = os.wait4(self._child, 0)
        report = {
            "status": os.waitstatus_to_exitcode(status),
            "reason": self._reason,
            "cpu": usage.ru_utime + usage.ru_stime - self._cpu_start,
            "memory": usage.ru_maxrss * 1024,
        }
        wire.send(self._control, report)

    def _obey(self) -> bool:
        message, _ = wire.receive(self._control, 0)
        if message["do"] == "begin":
            self._cpu_start = self._cpu()
            self._cpu_end = self._cpu_start + message["cpu"]
            self._wall_end = time.monotonic() + message["wall"]
        elif message["do"] == "end":
            self._cpu_end = self._wall_end = float("inf")
            wire.send(self._control, {"cpu": self._cpu() - self._cpu_start})
        else:
            self._reason = self._reason or "finish"
            return False
        return True

    def _enforce(self) -> None:
        if self._cpu() >= self._cpu_end:
            self._reason = "cpu"
        elif time.monotonic() >= self._wall_end:
            self._reason = "wall"
        else:
            return
        self._cpu_end = self._wall_end = float("inf")
        os.kill(self._child, signal.SIGKILL)

    def _patience(self) -> int | None:
        """Return the milliseconds until a limit can be reached at the earliest."""
        if self._wall_end == float("inf"):
            return None
        cpu = (self._cpu_end - self._cpu()) / self._cores
        wall = self._wall_end - time.monotonic()
        return int(max(0.0, min(cpu, wall)) * 1000) + 10

    def _cpu(self) -> float:
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # it has just died
            return 0.0


__all__: list[Any] = ["run"]
