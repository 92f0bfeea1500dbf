"""Compares what is stored with what a trial run found: who would gain, and who would lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.grading.gradebook import Marks
from autograder.model import Report
from autograder.reports.standing import QuestionStanding, Standing


@dataclass(frozen=True)
class QuestionChange:
    """A question whose points would change; None where it isn't asked before or after."""

    question: str
    before: QuestionStanding | None
    after: QuestionStanding | None

    @property
    def gain(self) -> float:
        """Points more than now; negative for a loss."""
        return _points(self.after) - _points(self.before)

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"{self.question}: {_say(self.before)} → {_say(self.after)}"


@dataclass(frozen=True)
class StudentChange:
    """A student whose points would change in some question."""

    before: Standing
    after: Standing
    questions: tuple[QuestionChange, ...]

    @property
    def gain(self) -> float:
        """Points more than now; negative for a loss."""
        return self.after.points - self.before.points


def compare(stored: Sequence[Standing], trial: Mapping[str, Report]) -> list[StudentChange]:
    """Return whose points would change, the greatest loss first. Marks by hand stay."""
    changes = []
    for before in stored:
        if before.student in trial:
            after = Standing(trial[before.student], _by_hand(before))
            questions = tuple(_changed(before, after))
            if questions:
                changes.append(StudentChange(before, after, questions))
    return sorted(changes, key=lambda change: (change.gain, change.before.student))


def _by_hand(standing: Standing) -> Marks:
    """Return only what people entered."""
    names = {row.question for row in standing.questions if row.is_by_hand}
    marks = {name: mark for name, mark in standing.marks.marks.items() if name in names}
    return replace(standing.marks, marks=marks)


def _changed(before: Standing, after: Standing) -> Iterator[QuestionChange]:
    old = {row.question: row for row in before.questions}
    new = {row.question: row for row in after.questions}
    for question in dict.fromkeys((*new, *old)):
        change = QuestionChange(question, old.get(question), new.get(question))
        if abs(change.gain) > 1e-9:  # sums of shares
            yield change


def _points(row: QuestionStanding | None) -> float:
    return row.points if row else 0.0


def _say(row: QuestionStanding | None) -> str:
    if row is None:
        return "not asked"
    said = f" {row.result.verdict}" if row.result else ""
    return f"{row.points:g}{said}"
