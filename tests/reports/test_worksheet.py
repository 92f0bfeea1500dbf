"""Marks go back to Moodle in its own worksheet."""

import csv
import io

import pytest
from hand_made import make_mark, make_report, make_standing, wrong

from autograder.model import CourseError, Verdict
from autograder.reports import fill_worksheet

HEADER = "Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)"


def whole(student, *results):
    """Return a standing in which nothing waits."""
    return make_standing(make_report(student, *results), make_mark("why", 4))


def filled(*rows, standings):
    """Return the rows of the worksheet by identifier, and who is missing."""
    text = "\r\n".join((HEADER, *rows))
    content, missing = fill_worksheet(text.encode("utf-8-sig"), standings)
    table = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return {row["Identifier"]: row for row in table}, missing


def test_a_student_is_found_by_number_or_address():
    """As folders are called in what Moodle hands out, or after the account."""
    rows, missing = filled(
        'Participant 12,"Lovelace, Ada",a@x.org,,10,-',
        "Participant 2,Ben,ben@x.org,,10,-",
        "Participant 3,Cem,cem@x.org,3.5,10,-",
        standings=[whole("Ada Lovelace_12", wrong("loss")), whole("ben"), whole("dea")],
    )
    assert [row["Grade"] for row in rows.values()] == ["8", "10", "3.5"]
    assert rows["Participant 12"]["Full name"] == "Lovelace, Ada"
    assert missing == ["dea"]


def test_a_number_of_one_student_is_not_the_end_of_anothers():
    """Participant 2 is not Ada_12, and a student called 2 is nobody's number."""
    rows, missing = filled("Participant 2,Ben,,,10,-", standings=[whole("Ada_12"), whole("2")])
    assert rows["Participant 2"]["Grade"] == ""
    assert missing == ["2", "Ada_12"]


def test_marks_are_on_moodles_scale_and_never_above_its_maximum():
    """A bonus can't be more than all."""
    best = wrong("loss", points=2, bonus=1, verdict=Verdict.PASS)
    rows, _ = filled(
        "Participant 1,,ada@x.org,,100,-",
        "Participant 2,,ben@x.org,,100,-",
        "Participant 3,,cem@x.org,,,-",
        standings=[whole("ada", best), whole("ben", wrong("loss")), whole("cem", wrong("loss"))],
    )
    assert [row["Grade"] for row in rows.values()] == ["100", "80", "8"]


def test_a_mark_that_waits_is_not_entered():
    """What stood there stays."""
    rows, missing = filled(
        "Participant 1,,ada@x.org,1,10,-", standings=[make_standing(make_report("ada"))]
    )
    assert rows["Participant 1"]["Grade"] == "1"
    assert missing == []


@pytest.mark.parametrize("content", [b"", b"Kennung,Bewertung\n1,2\n", b"\xff\xfe\x00", b"\0"])
def test_another_file_is_refused_in_words(content):
    """No marks are lost in a file that Moodle wouldn't take."""
    with pytest.raises(CourseError, match="worksheet"):
        fill_worksheet(content, [])
