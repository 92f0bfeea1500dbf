"""Makes tables for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.reports.standing import Standing

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so may be run by a spreadsheet


def marks_table(standings: Sequence[Standing]) -> bytes:
    """Return a CSV file: a row a student, a column a question; "?" where a mark is missing."""
    questions = list(dict.fromkeys(row.question for each in standings for row in each.questions))
    columns = ("student", "points", "max_points", "follow_through", "late_penalty", "waiting")
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([*columns, *map(harmless, questions)])
    for each in standings:
        points = {row.question: "?" if row.waits else row.points for row in each.questions}
        follow_through = sum(row.follow_through for row in each.questions)
        sums = (each.points, each.max_points, follow_through, each.late_penalty)
        table.writerow(
            [
                harmless(each.student),
                *(round(value, 6) for value in sums),
                len(each.waiting),
                *(points.get(question, "") for question in questions),
            ]
        )
    return text.getvalue().encode()


def harmless(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
