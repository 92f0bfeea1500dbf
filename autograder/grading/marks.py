"""Decides which marks in the gradebook are a machine's and which a person's, and enters ours.

`auto_score` and `auto_comment` are the machine's, `manual_score` and `manual_comment` a person's,
and are never touched here. `extra_credit` is one field for both. So the table `autograder_mark`
remembers what the machine wrote there last: any other value is a person's, and stays. It also
remembers a digest of a written answer's text, so that a person's mark is put up for review when the
answer below it changed, and only then.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
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


class MachineMarks:
    """Enters the marks of a machine through one database session."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.table = machine_table()

    def enter(self, grade: Any, mark: MachineMark) -> None:
        """Put `mark` into a row of nbgrader's table of grades."""
        written = self._written(grade)
        before_answer = written.answer if written else None
        answer = _digest(mark.answer) if mark.answer is not None else before_answer
        changed = (grade.auto_score, before_answer) != (mark.score, answer)
        grade.auto_score = mark.score
        if grade.manual_score is None:
            grade.needs_manual_grade = mark.score is None
        elif changed:
            grade.needs_manual_grade = True
        extra = written.extra_credit if written else None
        if not self._is_persons_extra(grade, written):
            extra = grade.extra_credit = mark.bonus or None
        self._write(grade, extra, answer, is_new=written is None)

    def is_marked_by_person(self, grade: Any) -> bool:
        """Return whether a person entered a mark or extra credit."""
        return grade.manual_score is not None or self._is_persons_extra(grade, self._written(grade))

    def forget(self, grade: Any) -> None:
        """Remove what is remembered of a grade that is about to be deleted."""
        self.session.execute(self.table.delete().where(self.table.c.grade_id == grade.id))

    def _is_persons_extra(self, grade: Any, written: Any) -> bool:
        ours = written.extra_credit if written else None
        return (grade.extra_credit or 0) != (
            ours or 0
        )  # the formgrader may save an empty field as 0

    def _written(self, grade: Any) -> Any:
        chosen = self.table.select().where(self.table.c.grade_id == grade.id)
        return self.session.execute(chosen).one_or_none()

    def _write(self, grade: Any, extra: float | None, answer: str | None, *, is_new: bool) -> None:
        values = {"extra_credit": extra, "answer": answer}
        if is_new:
            self.session.execute(self.table.insert().values(grade_id=grade.id, **values))
        else:
            chosen = self.table.update().where(self.table.c.grade_id == grade.id)
            self.session.execute(chosen.values(**values))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
