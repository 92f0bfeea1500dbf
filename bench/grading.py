"""Measures what grading a notebook costs beyond running its cells.

    python bench/grading.py [assignment]

Four ways, interleaved in one run: the cells of each lesson by plain `exec` in this warm process,
pictures drawn as in a notebook; the same in the sandbox; with staging and judging; and the
gradebook's transaction alone. The medians and their ratios are what to quote; processor time of all
processes where control groups can be made, else one thing runs at a time and the clock must do.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import matplotlib
import matplotlib.pyplot as plt
from meter import Meter
from stock_course import REPOSITORY, fresh_course

from autograder.grading.gradebook import GradebookWriter
from autograder.grading.intake import take
from autograder.grading.session import Session
from autograder.grading.staging import stage
from autograder.model import Paths, Program, Role
from autograder.samples import write_samples
from autograder.sandbox import Sandbox, detect
from autograder.sandbox.inside.probes import Desk, Probe

matplotlib.use("agg")
ROUNDS = 7
PLAIN = "plain exec in a warm process"
SANDBOX = "in the sandbox"
GRADED = "in the sandbox, staged and judged"
TRANSACTION = "the gradebook's transaction alone"


@dataclass(frozen=True)
class Costs:
    """What one notebook of an assignment costs, in seconds of `unit`."""

    assignment: str
    notebooks: int
    unit: str
    seconds: Mapping[str, float]


def measure(paths: Paths, name: str, rounds: int = ROUNDS) -> Costs:
    """Measure one assignment."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        meter = stack.enter_context(Meter())
        sandbox = stack.enter_context(Sandbox(detect()))
        write_samples(paths, name, root)
        session = Session.open(paths, name, seed=2**40)
        session.prepare(sandbox)
        submission = take(root, "ada-perfect", session.assignment)
        programs = [
            stage(
                session.assignment,
                notebook,
                {**session.stubs, **submission.files},
                {cell.id: cell.source for cell in notebook.having(Role.ANSWER)},
                session.seed,
                {key: arrays for key, (arrays, _) in session.hidden_data.items()},
            )
            for notebook in session.assignment.notebooks
        ]
        gradebook = stack.enter_context(GradebookWriter(f"sqlite:///{root}/gradebook.db"))
        gradebook.prepare(session.assignment, paths.source / name)
        report = session.grade(submission, sandbox)
        students = iter(range(1000))
        ways: dict[str, Callable[[], object]] = {
            PLAIN: lambda: [run_plainly(each) for each in programs],
            SANDBOX: lambda: [sandbox.run(each) for each in programs],
            GRADED: lambda: session.grade(submission, sandbox),
            TRANSACTION: lambda: gradebook.write(replace(report, student=f"s{next(students)}")),
        }
        table: dict[str, list[float]] = {way: [] for way in ways}
        for turn in range(rounds + 1):
            for way, run in ways.items():
                start = meter.seconds()
                run()
                if turn > 0:  # the first one doesn't count
                    table[way].append((meter.seconds() - start) / len(programs))
        medians = {way: statistics.median(seconds) for way, seconds in table.items()}
        return Costs(name, len(programs), meter.unit, medians)


def run_plainly(program: Program) -> None:
    """Run a program's cells by exec, with the probes but without walls, outputs or limits."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in program.files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        before, here = set(sys.modules), Path.cwd()
        sys.path.insert(0, folder)
        os.chdir(folder)
        try:
            _exec(program)
        finally:
            os.chdir(here)
            sys.path.remove(folder)
            for module in set(sys.modules) - before:
                if module.split(".")[0] == "cs231n":
                    del sys.modules[module]


def _exec(program: Program) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for step in program.steps:
        if step.question:
            desk = Desk(lambda header, data: None, 1 << 30, step.seed, step.inputs.__getitem__)
            names.update(probe=Probe(desk), assert_close=desk.assert_close)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            exec(compile(step.source, step.id, "exec"), names)
            for number in plt.get_fignums():
                plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
            plt.close("all")


def main(names: Sequence[str]) -> None:
    """Measure and print a table for each assignment."""
    with tempfile.TemporaryDirectory() as folder:
        paths = fresh_course(REPOSITORY / "assignments", Path(folder, "course"))
        for name in names:
            found = measure(paths, name)
            first = found.seconds[PLAIN]
            print(f"{name}: {found.unit} a notebook, median of {ROUNDS} interleaved rounds")
            for way, seconds in found.seconds.items():
                print(f"  {way:36} {seconds:6.3f}  {seconds / first:5.2f} x")


if __name__ == "__main__":
    main(sys.argv[1:] or ["assignment1", "assignment2"])
