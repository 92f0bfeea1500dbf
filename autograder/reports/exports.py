"""Makes tables for other programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from autograder.model import CourseError
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


def fill_worksheet(worksheet: bytes, standings: Sequence[Standing]) -> tuple[bytes, list[str]]:
    """Enter marks into a grading worksheet of Moodle; return it and who has no row in it.

    A student is known by the number of the row's identifier, at the end of the folder's name in
    what Moodle hands out, or by the address of mail or what stands in front of its @. A mark of
    which a part is missing is not entered. Marks are scaled to Moodle's maximum grade, if it has
    another. Raises CourseError if it isn't such a worksheet.
    """
    try:
        reader = csv.DictReader(io.StringIO(worksheet.decode("utf-8-sig"), newline=""))
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as problem:
        raise CourseError(f"The worksheet can't be read: {problem}.") from problem
    columns = list(reader.fieldnames or ())
    if not {"Identifier", "Grade"} <= set(columns):
        raise CourseError(
            "The worksheet has no columns Identifier and Grade: download it from Moodle in "
            "English, with offline grading worksheets switched on."
        )
    by_name = {name: each for each in standings for name in (each.student, _number(each.student))}
    missing = {each.student for each in standings}
    for row in rows:
        standing = next((by_name[name] for name in _names(row) if name in by_name), None)
        if standing is not None:
            missing.discard(standing.student)
            if not standing.waiting:
                row["Grade"] = f"{_scaled(standing, row.get('Maximum Grade') or ''):g}"
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, columns, extrasaction="ignore")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode(), sorted(missing)


def _number(name: str) -> str:
    """Return the number at the end of "Ada Lovelace_123" and "Participant 123", with a mark."""
    found = re.search(r"(?:_|Participant )(\d+)$", name)
    return f"#{found[1]}" if found else name


def _names(row: Mapping[str, str]) -> Iterator[str]:
    """Yield by what a row's student may be known."""
    yield _number(row["Identifier"] or "")
    address = row.get("Email address") or ""
    yield address
    yield address.partition("@")[0]


def _scaled(standing: Standing, maximum: str) -> float:
    """Return the points on Moodle's scale, which knows no bonus."""
    try:
        highest = float(maximum)
    except ValueError:
        return round(standing.points, 5)
    share = standing.points / standing.max_points if standing.max_points else 0.0
    return round(min(share, 1.0) * highest, 5)
