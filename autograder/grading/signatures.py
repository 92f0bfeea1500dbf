"""Runs the solved course with known mistakes in it, and keeps what each does.

A signature costs one run of one question in the sandbox. It is made when a student's work first
asks for it, and kept for the rest of the class. Before any is relied on, the solved course itself
is run in the same way and must give the values that it gives in the whole lesson.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograder.grading.excerpts import asking
from autograder.grading.sharing import Kept
from autograder.grading.staging import cell_of, stage
from autograder.judge import Behaviour, behaviour
from autograder.model import Assignment, Mistake, Notebook, Outcome, Program, Role
from autograder.sandbox import Sandbox


@dataclass
class Signatures:
    """What known mistakes do in the questions of one grading run."""

    assignment: Assignment
    solved: Mapping[str, bytes]
    seed: int
    inputs: Mapping[str, np.ndarray]
    reference: Mapping[str, Sequence[Outcome]]  # of the steps of each question
    _kept: Kept = field(default_factory=Kept)

    def of(self, question: str, mistakes: Sequence[Mistake], sandbox: Sandbox) -> Behaviour | None:
        """Return what mistakes made together do in a question.

        None if they can't be made together, or the question can't be asked by itself.
        """
        excerpt = self._excerpt(question, sandbox)
        texts = combined_texts(self.solved_text, mistakes)
        if excerpt is None or texts is None:
            return None
        key = (question, *sorted(mistake.name for mistake in mistakes))
        found: Behaviour = self._kept.get(key, lambda: self._run(question, excerpt, texts, sandbox))
        return found

    def program(
        self,
        question: str,
        package: Mapping[str, bytes],
        answers: Mapping[str, str],
        sandbox: Sandbox,
    ) -> Program | None:
        """Return the shortest program that asks one question only; None if there is none."""
        excerpt = self._excerpt(question, sandbox)
        return excerpt and stage(*excerpt, package, answers, self.seed, self.inputs)

    def solved_text(self, name: str) -> str:
        """Return the text of a solved module by path, or of a solved answer by name."""
        if name in self.solved:
            return self.solved[name].decode()
        cells = (cell for notebook in self.assignment.notebooks for cell in notebook.cells)
        return next(cell.source for cell in cells if cell.id == name)

    def _excerpt(self, question: str, sandbox: Sandbox) -> tuple[Assignment, Notebook] | None:
        def find() -> tuple[Assignment, Notebook] | None:
            for is_slim in (True, False):
                assignment = asking(self.assignment, frozenset({question}), is_slim)
                excerpt = assignment, assignment.notebooks[0]
                if not self._run(question, excerpt, {}, sandbox).is_wrong:
                    return excerpt
            return None

        found: tuple[Assignment, Notebook] | None = self._kept.get(question, find)
        return found

    def _run(
        self,
        question: str,
        excerpt: tuple[Assignment, Notebook],
        texts: Mapping[str, str],
        sandbox: Sandbox,
    ) -> Behaviour:
        assignment, notebook = excerpt
        package = {
            path: texts[path].encode() if path in texts else content
            for path, content in self.solved.items()
        }
        answers = {
            cell.id: texts.get(cell.id, cell.source) for cell in notebook.having(Role.ANSWER)
        }
        run = sandbox.run(stage(assignment, notebook, package, answers, self.seed, self.inputs))
        actual = [outcome for outcome in run.outcomes if cell_of(outcome.id) == question]
        return behaviour(self.reference[question], actual)


def combined_texts(
    solved: Callable[[str], str], mistakes: Sequence[Mistake]
) -> dict[str, str] | None:
    """Return the texts with all of some mistakes in them; None where two change the same line.

    `solved` gives the text with none of them.
    """
    texts: dict[str, str] = {}
    for mistake in mistakes:
        for name, text in mistake.texts.items():
            merged = merge(solved(name), texts[name], text) if name in texts else text
            if merged is None:
                return None
            texts[name] = merged
    return texts


def merge(base: str, one: str, other: str) -> str | None:
    """Return `base` with the changes of two texts; None where they overlap or touch."""
    lines = base.split("\n")
    edits = sorted(edit for text in (one, other) for edit in _edits(lines, text.split("\n")))
    for (_, end, _), (begin, _, _) in itertools.pairwise(edits):
        if begin < end:
            return None
    for begin, end, new in reversed(edits):
        lines[begin:end] = new
    return "\n".join(lines)


def _edits(base: list[str], changed: list[str]) -> list[tuple[int, int, list[str]]]:
    matcher = difflib.SequenceMatcher(None, base, changed, autojunk=False)
    return [
        (begin, end, changed[first:last])
        for kind, begin, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]
