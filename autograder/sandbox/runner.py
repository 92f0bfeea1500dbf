"""Runs programs: one step after the other, through crashes, up to the limits.

A step that kills its process, or is killed at a limit, ends alone: a fresh process is forked, the
steps marked `replay` that had ended well or with an exception are run again, their outputs dropped,
and the rest follows. When the notebook's time is used up, what is left is skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import PurePosixPath
from types import TracebackType

from autograder.model import CourseError, Ending, Failure, Outcome, Program, Run, Step

from .conversation import Allowance, NotebookProcess, StepReport
from .isolation import Isolation
from .launch import Recipe, SandboxError, WarmProcess

OnStep = Callable[[Step], None]


class Sandbox:
    """A warm process and the means to run programs in forks of it; for one thread at a time.

    Use it in the thread that made it, or make it in the main thread: it ends with its maker.
    """

    def __init__(self, isolation: Isolation, unsafe: bool = False) -> None:
        if not isolation.layers or isolation.layers[0].name == "Linux":
            raise CourseError(isolation.explain())
        if not isolation.sufficient and not unsafe:
            advice = "`autograder doctor` says more; --unsafe grades all the same."
            raise CourseError(f"{isolation.explain()}\n{advice}")
        self._isolation = isolation
        self._unsafe = unsafe
        self._recipe = Recipe(isolation.view, namespaces="namespaces" in isolation.names)
        self._warm: WarmProcess | None = None
        self._is_guest = False  # its warm process is another one's
        self._closed = False

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, program: Program, on_step: OnStep | None = None) -> Run:
        """Run a program; `on_step` is called as each step begins.

        Whatever the program does is an outcome. So is a failure of the sandbox itself, after one
        attempt to restart it.
        """
        _check_names(program)
        for last in (False, True):
            execution = _Execution(self, program, on_step)
            try:
                return execution.run()
            except SandboxError as error:
                message = str(error)
            self._end_warm_process()
            if self._closed or last:
                break
        return execution.broken("the sandbox was closed" if self._closed else message)

    def start(self) -> None:
        """Begin to warm up, which takes a while; without this, the first `run` does."""
        if not self._closed:
            self._warm = self._warm or WarmProcess(self._recipe)

    def beside(self) -> Sandbox:
        """Return one for another thread that forks from the same warm process, if there is one.

        Should that fail it, it makes its own. This one must live longer than the other.
        """
        other = Sandbox(self._isolation, self._unsafe)
        other._warm, other._is_guest = self._warm, self._warm is not None
        return other

    def close(self) -> None:
        """End all processes; a `run` in another thread ends at once, with BROKEN outcomes."""
        self._closed = True
        self._end_warm_process()

    def _end_warm_process(self) -> None:
        warm, self._warm = self._warm, None
        is_guest, self._is_guest = self._is_guest, False
        if warm and not is_guest:
            warm.close()

    def fork(self, program: Program) -> NotebookProcess:
        """Return a fresh process, behind all walls that were promised, with the program's files."""
        self.start()
        warm = self._warm
        if self._closed or not warm:  # perhaps meanwhile
            self._end_warm_process()
            raise SandboxError("the sandbox was closed")
        process = NotebookProcess(warm, program.limits)
        try:
            lost = set(self._isolation.names) - set(process.walls) - {"bubblewrap", "private view"}
            process.load(program, lost)
        except BaseException:
            process.close()
            raise
        return process

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the walls around each program; "unsafe" where they are too few."""
        too_few = () if self._isolation.sufficient else ("unsafe",)
        return (*self._isolation.names, *too_few)


class _Execution:
    """One run of one program."""

    def __init__(self, sandbox: Sandbox, program: Program, on_step: OnStep | None) -> None:
        self._sandbox = sandbox
        self._program = program
        self._on_step = on_step
        self._process: NotebookProcess | None = None
        self._outcomes: list[Outcome] = []
        self._unfit: set[int] = set()  # steps that are not replayed
        self._cpu_left = program.limits.notebook_cpu_seconds
        self._wall_end = time.monotonic() + program.limits.notebook_wall_seconds
        self._peak = 0

    def run(self) -> Run:
        """Run all steps."""
        try:
            for index, step in enumerate(self._program.steps):
                self._outcomes.append(self._outcome(index, step))
        finally:
            self._drop_process()
        return self._result()

    def broken(self, message: str) -> Run:
        """Return what there is; the rest is broken."""
        failure = Failure("Sandbox", message)
        for step in self._program.steps[len(self._outcomes) :]:
            self._outcomes.append(Outcome(step.id, Ending.BROKEN, failure=failure))
        return self._result()

    def _result(self) -> Run:
        return Run(tuple(self._outcomes), self._sandbox.layers, self._peak)

    def _outcome(self, index: int, step: Step) -> Outcome:
        if self._on_step:
            self._on_step(step)
        self._ensure_process(index)
        if self._process is None:
            failure = Failure("Limit", "the notebook's time was used up before this cell")
            return Outcome(step.id, Ending.SKIPPED, failure=failure)
        report = self._run_step(index, step)
        return Outcome(
            id=step.id,
            ending=report.ending,
            outputs=report.transcript.outputs,
            probes=report.transcript.probes,
            failure=report.failure,
            cpu_seconds=report.cpu_seconds,
            wall_seconds=report.wall_seconds,
        )

    def _ensure_process(self, index: int) -> None:
        """Have a process in which the earlier steps to be replayed have run, if time allows."""
        while self._process is None and self._time_left():
            self._process = self._sandbox.fork(self._program)
            for earlier in range(index):
                if self._to_replay(earlier) and self._process and self._time_left():
                    self._run_step(earlier, self._program.steps[earlier])
        if not self._time_left():
            self._drop_process()

    def _to_replay(self, index: int) -> bool:
        step, outcome = self._program.steps[index], self._outcomes[index]
        well = outcome.ending in (Ending.OK, Ending.ERROR)
        return step.replay and well and index not in self._unfit

    def _run_step(self, index: int, step: Step) -> StepReport:
        assert self._process  # noqa: S101 - for the type checker
        limits = self._program.limits
        allowance = Allowance(
            min(limits.step_cpu_seconds, self._cpu_left),
            min(limits.step_wall_seconds, self._wall_end - time.monotonic()),
        )
        report = self._process.run(index, step, allowance)
        self._cpu_left -= report.cpu_seconds
        if not report.alive:
            self._unfit.add(index)
            self._drop_process()
        return report

    def _time_left(self) -> bool:
        return self._cpu_left > 0 and time.monotonic() < self._wall_end

    def _drop_process(self) -> None:
        if self._process:
            self._process.close()
            self._peak = max(self._peak, self._process.peak_memory_bytes)
            self._process = None


def _check_names(program: Program) -> None:
    for name in program.files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise ValueError(f"a program's file can't be called {name!r}")
