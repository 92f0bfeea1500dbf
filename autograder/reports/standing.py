"""Puts together how one student stands: what the judge found, and what people entered by hand.

Results files hold what a machine found; the gradebook holds what people entered in the formgrader.
A person's mark counts in place of the machine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.grading.gradebook import Mark, Marks
from autograder.model import Report, Result, Verdict, WrittenAnswer

NOTHING = Marks({}, {})


@dataclass(frozen=True)
class QuestionStanding:
    """One student's question: marked by machine (`result` is set) or an answer in words.

    `points` are as they count, bonus and marks by hand included. `waits` says that a person has
    still to mark it.
    """

    question: str
    notebook: str
    points: float
    max_points: float
    result: Result | None = None
    is_by_hand: bool = False
    waits: bool = False
    is_attempted: bool = True

    @property
    def is_right(self) -> bool:
        """Is it right, or right as far as it could be with what was wrong before it?"""
        if self.result is None:
            return self.points >= self.max_points
        return self.result.verdict is Verdict.PASS or bool(self.result.follow_through)

    @property
    def follow_through(self) -> float:
        """Points that count although something before the question was wrong."""
        return self.result.follow_through if self.result and not self.is_by_hand else 0.0

    @property
    def machine_points(self) -> float:
        """What the machine gave, where a person's mark may count instead."""
        return self.result.points + self.result.bonus if self.result else 0.0


@dataclass(frozen=True)
class Standing:
    """How one student stands in one assignment."""

    report: Report
    marks: Marks = NOTHING

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.report.student

    @cached_property
    def questions(self) -> tuple[QuestionStanding, ...]:
        """All questions in the order of the results, those answered in words last."""
        return (
            *(self._of_result(result) for result in self.report.results),
            *(self._of_written(answer) for answer in self.report.written),
        )

    @property
    def points(self) -> float:
        """All points as they count now."""
        return max(0.0, sum(each.points for each in self.questions) - self.late_penalty)

    @property
    def max_points(self) -> float:
        """All points that there are."""
        return sum(each.max_points for each in self.questions)

    @property
    def late_penalty(self) -> float:
        """Points taken off for lateness."""
        return self.marks.late_penalty

    @property
    def waiting(self) -> tuple[QuestionStanding, ...]:
        """What a person has still to mark."""
        return tuple(each for each in self.questions if each.waits)

    def shares(self) -> Iterator[tuple[str, float]]:
        """Yield where the points come from, in words, and how many."""
        by_checks = [each for each in self.questions if each.result and not each.is_by_hand]
        follow_through = sum(each.follow_through for each in by_checks)
        yield "from the checks", sum(each.points for each in by_checks) - follow_through
        yield "by hand", sum(each.points for each in self.questions if each.is_by_hand)
        yield "as follow-through", follow_through

    def _of_result(self, result: Result) -> QuestionStanding:
        mark = self.marks.marks.get(result.question)
        is_by_hand = mark is not None and _is_by_hand(mark, result.bonus)
        return QuestionStanding(
            question=result.question,
            notebook=result.notebook,
            points=mark.points if mark and is_by_hand else result.points + result.bonus,
            max_points=result.max_points,
            result=result,
            is_by_hand=is_by_hand,
            waits=mark.needs_manual_grade
            if mark and is_by_hand
            else result.verdict is Verdict.HARNESS,
            is_attempted=result.verdict not in (Verdict.NOT_ATTEMPTED, Verdict.MISSING),
        )

    def _of_written(self, answer: WrittenAnswer) -> QuestionStanding:
        mark = self.marks.marks.get(answer.question)
        is_by_hand = mark is not None and _is_by_hand(mark, 0)
        return QuestionStanding(
            question=answer.question,
            notebook=answer.notebook,
            points=mark.points if mark and is_by_hand else 0.0,
            max_points=answer.max_points,
            is_by_hand=is_by_hand,
            waits=mark.needs_manual_grade if mark and is_by_hand else answer.attempted,
            is_attempted=answer.attempted,
        )


def _is_by_hand(mark: Mark, bonus: float) -> bool:
    """Did a person enter a mark, or extra credit other than the machine's bonus?"""
    return mark.manual_score is not None or (mark.extra_credit or 0) != bonus
