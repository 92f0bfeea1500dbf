"""Measures what grading a notebook costs beyond running its cells.

    python bench/grading.py [assignment]

Three ways, interleaved in one run so that a busy machine touches them alike: the cells of each
lesson by plain `exec` in this warm process; the same in the sandbox; and the whole path of a
submission, which adds staging and judging. One thing runs at a time, so wall time is what it costs
all processes together. The ratios of the medians are what to quote.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MPLBACKEND="agg")

import matplotlib.pyplot as plt

from autograder.grading.intake import take
from autograder.grading.session import Session
from autograder.grading.staging import stage
from autograder.model import Paths, Program, Role
from autograder.samples import write_samples
from autograder.sandbox import Sandbox, detect
from autograder.sandbox.inside.probes import Desk, Probe

ROUNDS = 7
ROOT = Path(__file__).parent.parent


def main(name: str) -> None:
    """Measure one assignment and print a table."""
    paths = Paths(ROOT)
    with tempfile.TemporaryDirectory() as folder, Sandbox(detect()) as sandbox:
        submitted = Path(folder)
        write_samples(paths, name, submitted)
        session = Session.open(paths, name, seed=2**40)
        session.prepare(sandbox)
        submission = take(submitted, "ada-perfect", session.assignment)
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
        ways: dict[str, Callable[[], object]] = {
            "plain exec in a warm process": lambda: [run_plainly(each) for each in programs],
            "in the sandbox": lambda: [sandbox.run(each) for each in programs],
            "graded (staging, sandbox, judge)": lambda: session.grade(submission, sandbox),
        }
        table: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, run in ways.items():
                start = time.perf_counter()
                run()
                table[way].append(time.perf_counter() - start)
    show(name, len(programs), table)


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
            plt.close("all")
            os.chdir(here)
            sys.path.remove(folder)
            for module in set(sys.modules) - before:
                if module.split(".")[0] == "cs231n":
                    del sys.modules[module]


def _exec(program: Program) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for step in program.steps:
        if step.question:
            desk = Desk(lambda header, data: None, 1 << 30, step.seed, step.inputs)
            names.update(probe=Probe(desk), assert_close=desk.assert_close)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            exec(compile(step.source, step.id, "exec"), names)


def show(name: str, notebooks: int, table: dict[str, list[float]]) -> None:
    """Print medians and ratios to the first way."""
    medians = {way: statistics.median(seconds) for way, seconds in table.items()}
    first = next(iter(medians.values()))
    print(f"{name}: {notebooks} lessons, median of {ROUNDS} interleaved rounds")
    for way, seconds in medians.items():
        print(f"  {way:34} {seconds:6.2f} s  {seconds / first:5.2f} x")


if __name__ == "__main__":
    for assignment in sys.argv[1:] or ["assignment1", "assignment2"]:
        main(assignment)
