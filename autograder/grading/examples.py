"""Finds the smallest input on which a student's program is wrong, to be read beside the right one.

Authors write calls of rising size in assignments/mistakes/<assignment>/examples.py: a generator
function, named like the question, that yields inputs by name and the code that uses them:

    def affine_backward():
        for N, D, M in [(1, 1, 1), (1, 2, 1), (2, 2, 1), (3, 2, 2)]:
            inputs = {"x": numbers(1, N, D), "w": ..., "b": ..., "dout": numbers(4, N, M)}
            yield inputs, '''
            _, cache = affine_forward(x, w, b)
            dx, dw, db = affine_backward(dout, cache)
            '''

What the last line binds is compared, but for `_` and `cache`, and so are the inputs, which must be
left as they were. The calls are run in the sandbox, behind the lesson's cells, with the solved
package and with the student's.
"""

from __future__ import annotations

import ast
import dataclasses
import runpy
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.authoring import syntax_tree
from autograder.grading.sharing import Kept
from autograder.grading.signatures import Signatures
from autograder.grading.staging import cell_of
from autograder.judge import Expected, compare
from autograder.model import (
    Assignment,
    CourseError,
    Ending,
    Example,
    Foreign,
    Outcome,
    Paths,
    Program,
    Role,
    Step,
    Value,
)
from autograder.sandbox import Sandbox

FOLDER, FILE = "mistakes", "examples.py"
NOT_SHOWN = {"_", "cache"}
CLOSE = 1e-6  # what is shown has six digits
CPU_SECONDS = 2.0  # for all calls of one question: they are tiny


@dataclass(frozen=True)
class Call:
    """One call: what is shown of it, and the names of what comes out and of arrays that go in."""

    text: str
    results: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def source(self) -> str:
        """The code of a step that makes the call, and hands out its results and its inputs."""
        names = dict.fromkeys([*self.results, *self.inputs])
        probes = [f"probe({name!r}, {name}, rel_error={CLOSE})" for name in names]
        return "\n".join(["import numpy as np", self.text, *probes])


def load_examples(paths: Paths, assignment: Assignment) -> dict[str, list[Call]]:
    """Read an assignment's calls by question; none if it has no such file.

    Raises CourseError if the file can't be used.
    """
    file = paths.assignments / FOLDER / assignment.name / FILE
    if not file.is_file():
        return {}
    questions = {cell.id for each in assignment.notebooks for cell in each.having(Role.QUESTION)}
    try:
        found = runpy.run_path(str(file))
        calls = {name: _calls(found[name]()) for name in found["__all__"]}
    except Exception as problem:
        raise CourseError(
            f"{file} can't be used: {type(problem).__name__}: {problem}."
        ) from problem
    unknown = sorted(calls.keys() - questions)
    if unknown:
        raise CourseError(f"{file}: there is no question {unknown[0]!r}.")
    return calls


def _calls(examples: Iterable[tuple[Mapping[str, Any], str]]) -> list[Call]:
    calls = []
    for inputs, code in examples:
        lines = [f"{name} = {_literal(name, value)}" for name, value in inputs.items()]
        text = "\n".join([*lines, textwrap.dedent(code).strip()])
        arrays = tuple(name for name, value in inputs.items() if isinstance(value, np.ndarray))
        calls.append(Call(text, _bound_by_last_line(text), arrays))
    return calls


@dataclass(frozen=True)
class Examples:
    """Shows the smallest call that goes wrong; one for all submissions of a grading run."""

    signatures: Signatures
    calls: Mapping[str, Sequence[Call]]
    _kept: Kept = field(default_factory=Kept)

    def smallest(
        self,
        question: str,
        package: Mapping[str, bytes],
        answers: Mapping[str, str],
        sandbox: Sandbox,
    ) -> Example | None:
        """Return the first call of a question's that a student's program gets wrong."""
        if question not in self.calls:
            return None
        right = self.right(question, sandbox)
        found = self._run(question, package, answers, sandbox)
        for call, expected, actual in zip(self.calls[question], right, found, strict=False):
            example = _shown(call, expected, actual)
            if example or actual.ending not in (Ending.OK, Ending.ERROR):
                return example
        return None

    def right(self, question: str, sandbox: Sandbox) -> list[Outcome]:
        """Return what the solved package does in the calls of a question."""
        answers = {
            cell.id: cell.source
            for notebook in self.signatures.assignment.notebooks
            for cell in notebook.having(Role.ANSWER)
        }
        solved = self.signatures.solved
        found: list[Outcome] = self._kept.get(
            question, lambda: self._run(question, solved, answers, sandbox)
        )
        return found

    def _run(
        self,
        question: str,
        package: Mapping[str, bytes],
        answers: Mapping[str, str],
        sandbox: Sandbox,
    ) -> list[Outcome]:
        program = self.signatures.program(question, package, answers, sandbox)
        if program is None:
            return []
        before = [step for step in program.steps if cell_of(step.id) != question]
        steps = [
            Step(f"{question}/call{number}", call.source, question=question)
            for number, call in enumerate(self.calls[question])
        ]
        run = sandbox.run(_limited(dataclasses.replace(program, steps=(*before, *steps))))
        return list(run.outcomes[len(before) :])


def _limited(program: Program) -> Program:
    limits = dataclasses.replace(
        program.limits,
        step_cpu_seconds=CPU_SECONDS,
        notebook_cpu_seconds=CPU_SECONDS + 3,
        value_bytes=1 << 20,
    )
    return dataclasses.replace(program, limits=limits)


def _shown(call: Call, expected: Outcome, actual: Outcome) -> Example | None:
    """Return the first result of a call that is wrong, or the exception in its place."""
    values = {probe.name: probe.value for probe in actual.probes}
    for probe in expected.probes:
        name = f"{probe.name} = " if probe.name in call.results else f"afterwards {probe.name} = "
        right = _short(name, probe.value)
        if probe.name not in values:
            if actual.ending is not Ending.ERROR or actual.failure is None:
                return None
            said = f"{actual.failure.name}: {actual.failure.message[:200]}"
            return Example(call.text, said, right)
        value = values[probe.name]
        if compare(value, Expected(probe)):
            return Example(call.text, _short(name, value, beside=probe.value), right)
    return None


def _short(name: str, value: Value, beside: Value = None) -> str:
    """Return a value as text; with its shape or type where it isn't that of the value `beside`."""
    if isinstance(value, Foreign):
        return name + value.description
    if not isinstance(value, np.ndarray):
        return name + repr(value)[:200]
    text = name + np.array2string(
        value, separator=", ", precision=6, suppress_small=True, threshold=60, prefix=name
    )
    if not isinstance(beside, np.ndarray):
        return text
    if value.shape != beside.shape:
        return f"{text}  (shape {value.shape}, not {beside.shape})"
    return f"{text}  ({value.dtype})" if value.dtype.kind != beside.dtype.kind else text


def _literal(name: str, value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return repr(value)
    text = np.array2string(value, separator=", ", prefix=f"{name} = np.array(", threshold=1000)
    return f"np.array({text})"


def _bound_by_last_line(text: str) -> tuple[str, ...]:
    last = syntax_tree(text).body[-1]
    targets = last.targets if isinstance(last, ast.Assign) else []
    names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    if not set(names) - NOT_SHOWN:
        raise CourseError(f"The last line of an example must bind what is compared:\n{text}")
    return tuple(name for name in names if name not in NOT_SHOWN)
