"""Runs single questions of an authored lesson, as grading does but without its walls.

    KNN = Lesson("assignment1", "knn")
    KNN.run("choose_k")                              # {probe name: Probe}, on the solved package
    KNN.problems("choose_k", {"choose_k": wrong})    # what the judge says of `wrong`; [] if right

A question's namespace is made by the setup and answer cells before it, never by another question,
so a question that runs here stands alone. The visible part runs with the checks that students use
and must raise nothing; in `problems` it is a probe like the others, as in grading.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from autograder.authoring.lessons import read_lesson
from autograder.judge.values import Expected, compare
from autograder.model import Cell, Foreign, Probe, Role
from autograder.sandbox.inside.probes import Desk
from autograder.sandbox.inside.probes import Probe as ProbeFunction

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
SEED = 231


class Lesson:
    """One lesson; `inputs` are what `probe.input(name)` gives to hidden parts."""

    def __init__(
        self, assignment: str, name: str, inputs: Mapping[str, np.ndarray] | None = None
    ) -> None:
        self.notebook = read_lesson(ASSIGNMENTS / assignment / f"{name}.py")
        self.inputs = inputs or {}
        self._kept: dict[tuple[str, int], dict[str, Probe]] = {}
        self._set_up: dict[str | None, dict[str, Any]] = {}

    def names(self, role: Role) -> list[str]:
        """Return the names of the cells with this role, in order."""
        return [cell.id for cell in self.notebook.having(role)]

    def namespace(self, before: str | None = None) -> dict[str, Any]:
        """Run the setup and answer cells, all or those before one cell, and return the names.

        Only the first call for a cell runs the setup cells, which may draw pictures; later ones get
        copies of the arrays that were made.
        """
        ids = [cell.id for cell in self.notebook.cells]
        cells = self.notebook.cells[: ids.index(before) if before else None]
        if before not in self._set_up:
            names: dict[str, Any] = {"__name__": "__main__"}
            for cell in cells:
                if cell.role in (Role.SETUP, Role.ANSWER):
                    self._run(cell, cell.source, names)
            self._set_up[before] = names
        names = {
            name: value.copy() if isinstance(value, np.ndarray) else value
            for name, value in self._set_up[before].items()
        }
        for cell in cells:
            if cell.role is Role.ANSWER:
                self._run(cell, cell.source, names)  # for functions that see these very names
        return names

    def show_visible(self, question: str, replaced: Mapping[str, Any] | None = None) -> str:
        """Run the part that students see, with the checks that students use; return the output.

        What is wrong is raised. `replaced` are names to define anew just before.
        """
        names = self.namespace(question)
        names.update(replaced or {})
        cell = self._cell(question)
        return self._run(cell, cell.source, names)

    def run(
        self, question: str, replaced: Mapping[str, Any] | None = None, seed: int = SEED
    ) -> dict[str, Probe]:
        """Run both parts of a question as grading does and return all that they hand out."""
        names = self.namespace(question)
        names.update(replaced or {})
        cell, found = self._cell(question), {}
        for part in (cell.source, cell.hidden):
            desk = Desk(_collector(found), 64 << 20, seed, lambda name: self.inputs[name].copy())
            names |= {"probe": ProbeFunction(desk), "assert_close": desk.assert_close}
            self._run(cell, part, names)
        return found

    def run_all(self) -> tuple[dict[str, Any], str]:
        """Run all code cells in order as a student's notebook does, IPython's commands left out.

        Returns the names in the end, and all that was printed.
        """
        names: dict[str, Any] = {"__name__": "__main__"}
        printed = []
        for cell in self.notebook.cells:
            if cell.role not in (Role.TEXT, Role.WRITTEN):
                lines = (
                    line for line in cell.source.split("\n") if not line.startswith(("%", "!"))
                )
                printed.append(self._run(cell, "\n".join(lines), names))
        return names, "".join(printed)

    def problems(
        self,
        question: str,
        replaced: Mapping[str, Any] | None = None,
        patched: Sequence[tuple[object, str, Any]] = (),
        seed: int = SEED,
    ) -> list[str]:
        """Return what the judge finds wrong when some things are replaced; nothing if all is right.

        `replaced` are names of the notebook to define anew, `patched` are (object, attribute,
        value) to set while the question runs, such as a method of a class.
        """
        expected = self._expected(question, seed)
        with contextlib.ExitStack() as patches:
            patches.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")  # a warning costs nothing in grading
            for target, attribute, value in patched:
                patches.enter_context(patch.object(target, attribute, value))
            try:
                actual = self.run(question, replaced, seed)
            except Exception as problem:  # any exception costs the points
                return [f"{type(problem).__name__}: {problem}"]
        found = []
        for name, probe in expected.items():
            if name not in actual:
                found.append(f"{name}: not computed")
            elif said := compare(actual[name].value, Expected(probe)):
                found.append(f"{name}: {said}")
        return found

    def _expected(self, question: str, seed: int) -> dict[str, Probe]:
        if (question, seed) not in self._kept:
            self._kept[question, seed] = self.run(question, seed=seed)
        return self._kept[question, seed]

    def _cell(self, question: str) -> Cell:
        return next(c for c in self.notebook.having(Role.QUESTION) if c.id == question)

    def _run(self, cell: Cell, source: str, names: dict[str, Any]) -> str:
        """Run Python text in a namespace and return what it prints; close its figures."""
        import matplotlib.pyplot as plt

        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*is non-interactive")
            exec(compile(source, f"{self.notebook.name}:{cell.id}", "exec"), names)
        plt.close("all")
        return printed.getvalue()


def _collector(found: dict[str, Probe]) -> Callable[[dict[str, Any], bytes], None]:
    """Return a function that turns what crosses the sandbox's wall back into values."""

    def collect(header: dict[str, Any], data: bytes) -> None:
        kind, value = header["value"]["type"], None
        if kind == "array":
            flat = np.frombuffer(data, np.dtype(header["value"]["dtype"]))
            value = flat.reshape(header["value"]["shape"])
        elif kind != "none":
            value = data.decode() if kind == "text" else Foreign(data.decode())
        name = header["name"]
        found[name] = Probe(name, value, header["comparison"], header["visible"])

    return collect
