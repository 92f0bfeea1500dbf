"""One notebook process and its supervisor, as the grader talks to them.

All calls block; that is safe, because the supervisor kills the notebook process at its limits,
which closes the socket that the grader waits on, and a socket's own time limit stands behind that.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from autograder.model import Ending, Failure, Limits, Program, Step

from .inside import notebook, wire
from .launch import SandboxError, WarmProcess, fresh_user
from .reading import ForgedError, Transcript

_GRACE_SECONDS = 30.0  # how much later than its limit a step may be reported on a busy machine
_THREADS = 64
_KILLED_FOR_MEMORY_BYTES = 256 << 20  # nothing smaller is chosen by a machine without memory


@dataclass(frozen=True)
class StepReport:
    """How one step went; `alive` says whether the process can run the next one."""

    ending: Ending
    transcript: Transcript
    failure: Failure | None
    cpu_seconds: float
    wall_seconds: float
    alive: bool


@dataclass(frozen=True)
class Allowance:
    """What a step may use."""

    cpu_seconds: float
    wall_seconds: float


class NotebookProcess:
    """A forked process that has loaded a program's files."""

    def __init__(self, warm: WarmProcess, limits: Limits) -> None:
        self._limits = limits
        self._sealed = warm.sealed
        self._channel, self._control = warm.fork()
        self._channel.settimeout(_GRACE_SECONDS)
        self._control.settimeout(_GRACE_SECONDS)
        self.peak_memory_bytes = 0
        self.missing: dict[str, str] = {}
        try:
            wire.send(self._control, _start_message(warm, limits))
            ready = self._await("ready")
        except (wire.WireError, OSError, SandboxError) as error:
            self.close()
            raise SandboxError(f"no notebook process: {error} {warm.complaint()}") from error
        self.walls = tuple(ready["walls"])
        self.missing = dict(ready["missing"])

    def load(self, program: Program, lost: set[str]) -> None:
        """Hand over the program's files, unless promised walls are `lost`."""
        if lost:
            raise SandboxError(f"walls that stood before are missing: {self.missing}")
        files = [[name, len(data)] for name, data in program.files.items()]
        try:
            wire.send(self._channel, {"files": files}, list(program.files.values()))
            self._await("loaded")
        except (wire.WireError, OSError) as error:
            raise SandboxError(f"the program's files could not be loaded: {error}") from error

    def run(self, index: int, step: Step, allowance: Allowance) -> StepReport:
        """Run one step to its end, whatever that is."""
        start = time.monotonic()
        transcript = Transcript(index, self._limits)
        self._channel.settimeout(allowance.wall_seconds + _GRACE_SECONDS)
        limits = {"cpu": allowance.cpu_seconds, "wall": allowance.wall_seconds}
        self._tell({"do": "begin", **limits})
        forged = ""
        try:
            self._send_step(index, step)
            while not transcript.done:
                header, body = wire.receive(self._channel, self._limits.value_bytes + (1 << 20))
                transcript.take(header, body)
        except (wire.ClosedError, ConnectionError):
            pass
        except TimeoutError as error:
            raise SandboxError("a step's limit was not enforced") from error
        except (wire.WireError, ForgedError) as error:
            forged = str(error)
        except OSError as error:
            raise SandboxError(f"a step could not be handed over: {error}") from error
        report = self._finish() if forged or not transcript.done else self._measure()
        seconds = time.monotonic() - start
        self.peak_memory_bytes = max(self.peak_memory_bytes, transcript.memory_bytes)
        return _judge(transcript, forged, report, allowance, seconds)

    def close(self) -> None:
        """Kill the process and take the last report."""
        try:
            self._finish()
        except SandboxError:
            pass
        finally:
            self._channel.close()
            self._control.close()

    def _await(self, kind: str) -> dict[str, Any]:
        """Take an answer of the process while none of the student's code has run."""
        header, _ = wire.receive(self._channel, 0)
        if header["kind"] != kind:
            raise SandboxError(str(header.get("message")))
        return header

    def _send_step(self, index: int, step: Step) -> None:
        source = step.source.encode("utf-8", "replace")
        header = {
            "index": index,
            "question": step.question,
            "source": len(source),
            "seed": step.seed,
            "inputs": [[name, a.dtype.str, a.shape] for name, a in step.inputs.items()],
        }
        wire.send(self._channel, header, [source, step.code])
        wire.send_descriptors(self._channel, [self._sealed(a) for a in step.inputs.values()])

    def _measure(self) -> dict[str, Any]:
        self._tell({"do": "end"})
        return self._hear()

    def _finish(self) -> dict[str, Any]:
        self._tell({"do": "finish"})
        report = self._hear()
        if "status" not in report:
            report = self._hear()
        return report

    def _tell(self, message: dict[str, Any]) -> None:
        try:
            wire.send(self._control, message)
        except ConnectionError:
            pass  # the process has just died: its report is waiting
        except OSError as error:
            raise SandboxError(f"the supervisor does not listen: {error}") from error

    def _hear(self) -> dict[str, Any]:
        try:
            report, _ = wire.receive(self._control, 0)
        except (wire.WireError, OSError) as error:
            raise SandboxError(f"the supervisor is gone: {error}") from error
        self.peak_memory_bytes = max(self.peak_memory_bytes, report.get("memory", 0))
        return report


def _start_message(warm: WarmProcess, limits: Limits) -> dict[str, Any]:
    user = fresh_user()
    return {
        "home": warm.home,
        "name": str(user),
        "user": user,
        "readable": warm.readable,
        "namespaces": warm.namespaces,
        "public": warm.has_view,
        "memory_bytes": limits.memory_bytes,
        "scratch_bytes": limits.scratch_bytes,
        "output_bytes": limits.output_bytes,
        "value_bytes": limits.value_bytes,
        "cpu_seconds": math.ceil(limits.notebook_cpu_seconds),
        "threads": _THREADS,
    }


def _judge(
    transcript: Transcript, forged: str, report: dict[str, Any], allowed: Allowance, seconds: float
) -> StepReport:
    """Say how a step ended, from its frames and the supervisor's report."""
    alive = transcript.done and not forged and "status" not in report
    failure = transcript.failure
    ending = transcript.ending
    if not transcript.done or forged:
        ending, failure = _ending_of_dead(forged, report, allowed)
    return StepReport(ending, transcript, failure, report["cpu"], seconds, alive)


def _ending_of_dead(
    forged: str, report: dict[str, Any], allowed: Allowance
) -> tuple[Ending, Failure]:
    status, reason = report["status"], report["reason"]
    if forged:
        return Ending.CRASH, Failure("Protocol", f"The process sent {forged}.")
    if reason == "cpu":
        text = f"stopped after {allowed.cpu_seconds:g} seconds of computing"
        return Ending.TIMEOUT, Failure("Timeout", text)
    if reason == "wall":
        text = f"stopped after {allowed.wall_seconds:g} seconds"
        return Ending.TIMEOUT, Failure("Timeout", text)
    # Who is killed by nobody that we know has used up the machine's memory, or killed himself.
    is_large = report["memory"] > _KILLED_FOR_MEMORY_BYTES
    if status == notebook.OUT_OF_MEMORY or (status == -9 and not reason and is_large):
        return Ending.MEMORY, Failure("MemoryError", "stopped for using too much memory")
    if status < 0:
        return Ending.CRASH, Failure("Crash", f"the interpreter died of signal {-status}")
    return Ending.CRASH, Failure("Crash", f"the interpreter ended with status {status}")
