"""Decides which marks in the gradebook are a machine's and which a person's, and enters ours.

`auto_score` and `auto_comment` are the machine's, `manual_score` and `manual_comment` a person's,
and are never touched here. `extra_credit` is one field for both. So the table `autograder_mark`
remembers what the machine wrote there last: any other value is a person's, and stays. It also
remembers a digest of a written answer's text, so that a person's mark is put up for review when the
answer below it changed, and only then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class MachineMark:
    """What a machine says of a question; a `score` of None waits for a person.

    `answer` is the text of a written answer, None where there is none or it isn't known.
    """

    score: float | None
    bonus: float = 0
    answer: str | None = None


NOTHING = MachineMark(0.0)  # for a question that is no longer asked, or was not handed in


@cache
def machine_table() -> Any:
    """Return the table that remembers what the machine wrote; it has one row a grade."""
    from sqlalchemy import Column, Float, MetaData, String, Table

    # No foreign key: it would keep nbgrader, which doesn't know this table, from removing grades,
    # and what is remembered of a grade that is gone does no harm, since ids are never used again.
    return Table(
        "autograder_mark",
        MetaData(),
        Column("grade_id", String(32), primary_key=True),
        Column("extra_credit", Float),
        Column("answer", String(64)),
    )


@dataclass(frozen=True)
class _Written:
    """A row of the table: what the machine wrote for a grade."""

    extra_credit: float | None = None
    answer: str | None = None


class MachineMarks:
    """Enters the marks of a machine into some rows of nbgrader's table of grades.

    What is entered is complete after `save`, within the session's transaction.
    """

    def __init__(self, session: Any, grades: Iterable[Any]) -> None:
        self._session = session
        self._table = machine_table()
        chosen = self._table.c.grade_id.in_([grade.id for grade in grades])
        self._before = {
            row.grade_id: _Written(row.extra_credit, row.answer)
            for row in session.execute(self._table.select().where(chosen))
        }
        self._after: dict[str, _Written] = {}

    def enter(self, grade: Any, mark: MachineMark) -> None:
        """Put `mark` into one of the rows."""
        before = self._before.get(grade.id, _Written())
        answer = _digest(mark.answer) if mark.answer is not None else before.answer
        changed = (grade.auto_score, before.answer) != (mark.score, answer)
        grade.auto_score = mark.score
        if grade.manual_score is None:
            grade.needs_manual_grade = mark.score is None
        elif changed:
            grade.needs_manual_grade = True
        extra = before.extra_credit
        if not self._is_persons_extra(grade):
            extra = grade.extra_credit = mark.bonus or None
        self._after[grade.id] = _Written(extra, answer)

    def is_marked_by_person(self, grade: Any) -> bool:
        """Return whether a person entered a mark or extra credit."""
        return grade.manual_score is not None or self._is_persons_extra(grade)

    def save(self) -> None:
        """Remember what was entered."""
        if self._after:
            self._forget(self._after)
            rows = [{"grade_id": id_, **asdict(row)} for id_, row in self._after.items()]
            self._session.execute(self._table.insert(), rows)

    def forget(self) -> None:
        """Remove what is remembered of the rows, which are about to be deleted."""
        self._forget(self._before)

    def _forget(self, ids: Iterable[str]) -> None:
        chosen = self._table.c.grade_id.in_(list(ids))
        self._session.execute(self._table.delete().where(chosen))

    def _is_persons_extra(self, grade: Any) -> bool:
        ours = self._before.get(grade.id, _Written()).extra_credit
        return (grade.extra_credit or 0) != (
            ours or 0
        )  # the formgrader may save an empty field as 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
