"""The class page counts right, needs no script, and stays small in a large class."""

import csv
import io

import numpy as np
import pytest
from hand_made import (
    AVERAGE,
    AXIS,
    EXAMPLE,
    diagnosed,
    make_mark,
    make_report,
    make_standing,
    wrong,
)

from autograder.model import Verdict
from autograder.reports import Standing, write_class_report
from autograder.reports.exports import marks_table
from autograder.reports.statistics import separation, summarize


def not_tried(question):
    return wrong(question, verdict=Verdict.NOT_ATTEMPTED, message="Not attempted yet.")


def questions_of(*reports):
    """Return what is said of each question of a class."""
    summary = summarize([Standing(report) for report in reports])
    return {row.name: row for row in summary.questions}


def test_every_student_is_counted_once_in_each_question():
    """Right, partly, failed, not tried and waiting make up the class."""
    rows = questions_of(
        make_report("ada"),
        make_report("ben", wrong("loss"), attempted=False),
        make_report("cem", not_tried("loss")),
        make_report("dea", wrong("loss", points=2, follow_through=2, given=("forward",))),
        make_report("eli", wrong("loss", verdict=Verdict.HARNESS)),
    )
    loss, why = rows["loss"], rows["why"]
    assert (loss.right, loss.partly, loss.failed, loss.not_tried, loss.waiting) == (1, 1, 1, 1, 1)
    assert (why.right, why.partly, why.failed, why.not_tried, why.waiting) == (0, 0, 0, 1, 4)
    assert loss.mean_points == 1  # of the four that are marked


def test_a_mark_by_hand_decides_how_a_question_counts():
    """A person's full mark is right, whatever the verdict was."""
    standing = make_standing(make_report("ada", wrong("loss")), make_mark("loss", 2, machine=0))
    row = next(row for row in summarize([standing]).questions if row.name == "loss")
    assert (row.right, row.failed) == (1, 0)


def test_separation_is_the_correlation_with_all_other_questions():
    """As NumPy has it, with the question itself left out of the total."""
    points = np.random.default_rng(3).integers(0, 3, size=(40, 5)).astype(float)
    for column, found in enumerate(separation(points)):
        others = np.delete(points, column, axis=1).sum(axis=1)
        assert found == pytest.approx(np.corrcoef(points[:, column], others)[0, 1], abs=1e-12)


def test_separation_is_left_out_where_it_says_nothing():
    """Too few students, one question only, or the same points for all."""
    assert separation(np.eye(9)) == [None] * 9
    assert separation(np.arange(12.0)[:, None]) == [None]
    points = np.column_stack([np.full(12, 2.0), np.arange(12.0), np.arange(12.0)])
    assert separation(points)[0] is None
    assert separation(points)[1] == pytest.approx(1)


def test_the_commonest_mistake_stands_first_with_its_example():
    """Counted by what was said: a pair that can't be told apart is not each of the two."""
    summary = summarize(
        [
            Standing(make_report("ada", diagnosed("loss", (AVERAGE,), (AXIS,)))),
            Standing(make_report("ben", diagnosed("loss", (AVERAGE,)))),
            Standing(make_report("cem", diagnosed("loss", (AVERAGE,), example=EXAMPLE))),
            Standing(make_report("dea", diagnosed("loss", difference="all are twice"))),
        ]
    )
    first, second = summary.named
    assert (first.alternatives, first.students) == (((AVERAGE,),), ("ben", "cem"))
    assert first.example == EXAMPLE
    assert second.students == ("ada",)
    assert [(row.difference, row.students) for row in summary.unnamed] == [
        ("all are twice", ("dea",))
    ]


def test_a_mistake_that_shows_in_several_questions_is_one_mistake():
    """It counts once for each student, with all questions where it showed."""
    summary = summarize(
        [
            Standing(make_report("ada", *(diagnosed(q, (AXIS,)) for q in ("backward", "loss")))),
            Standing(make_report("ben", diagnosed("loss", (AXIS,)))),
        ]
    )
    (row,) = summary.named
    assert (row.questions, row.students) == (("backward", "loss"), ("ada", "ben"))


def test_who_has_little_right_is_stuck():
    """Follow-through counts as right: one mistake at the start is not being stuck."""
    follow_through = [
        wrong(name, points=2, follow_through=2, given=("forward",)) for name in ("backward", "loss")
    ]
    summary = summarize(
        [
            Standing(make_report("ada")),
            Standing(make_report("ben", *map(not_tried, ("forward", "backward", "loss")))),
            Standing(make_report("cem", wrong("forward"), *follow_through)),
        ]
    )
    assert [(row[0].student, *row[1:]) for row in summary.stuck] == [("ben", 0, 0, 3)]


def test_marks_that_wait_do_not_push_the_distribution_down():
    """All right so far is the top of it; a class of 101 % is there too."""
    best = make_report("ada", wrong("loss", points=2, bonus=1, verdict=Verdict.PASS))
    bins = summarize([Standing(best), Standing(make_report("ben"))]).bins
    assert bins == (0,) * 9 + (2,)


@pytest.fixture
def page(workspace, assignment):
    """Return a function that writes the page of a class."""

    def written(*standings, not_graded=()):
        file = write_class_report(workspace, standings, assignment, dict(not_graded))
        return file.read_text()

    return written


def test_what_needs_a_person_is_all_there(page):
    """Flags with their place, faults of the grader, what waits, notes, and who wasn't graded."""
    shown = page(
        Standing(make_report("ada", flags=("a.py, line 3: imports ctypes.",))),
        Standing(make_report("ben", wrong("loss", verdict=Verdict.HARNESS, message="No memory."))),
        Standing(make_report("cem", notes=("a.py was not handed in.",), course_digest="other")),
        not_graded={"dea": "The disk is full."},
    )
    for words in (
        "a.py, line 3: imports ctypes.",
        "No memory.",
        "4 answers wait",  # three in words, and what the grader failed on
        "a.py was not handed in.",
        "2 versions of the course",
        "The disk is full.",
    ):
        assert words in shown


def test_walls_are_named_and_their_lack_stands_out(page):
    """An instructor sees whether all was isolated."""
    shown = page(Standing(make_report("ada")), Standing(make_report("ben", layers=("unsafe",))))
    assert "bubblewrap, seccomp" in shown
    assert '<p class="note">1 submission without a sandbox' in shown


def test_students_are_linked_to_their_pages_whatever_they_are_called(page):
    """A name is text, and its link is an address."""
    shown = page(Standing(make_report('a&b "c"#<i>')))
    assert 'href="pages/a%26b%20%22c%22%23%3Ci%3E.html"' in shown
    assert "<i>" not in shown


def test_the_page_does_nothing_by_itself(page):
    """No script, no inline style, nothing that loads."""
    shown = page(Standing(make_report("<script>alert(1)</script>", notes=("<img src=x>",))))
    assert "default-src 'none'" in shown
    for text in ("<script", "<img", " style=", " onclick=", "http:", "https:"):
        assert text not in shown


def test_an_empty_class_has_a_page(page):
    """Nothing is divided by nothing."""
    assert "0 submissions" in page()


def test_a_class_of_a_thousand_has_a_page_of_moderate_size(page):
    """A student is a row of a table, not a row for each question."""
    reports = (
        make_report(f"student-{n}", notes=(f"note {n}",), flags=(f"flag {n}",)) for n in range(1000)
    )
    assert len(page(*map(Standing, reports))) < 1_000_000


def test_a_table_of_marks_has_a_row_a_student():
    """With a column a question, and a question mark where a mark is missing."""
    standing = make_standing(
        make_report("ada", wrong("loss", points=1, follow_through=1, given=("forward",))),
        late_penalty=0.5,
    )
    ada, ben = csv.DictReader(
        io.StringIO(marks_table([standing, Standing(make_report("ben"))]).decode())
    )
    assert (ada["student"], float(ada["points"]), ada["why"]) == ("ada", 4.5, "?")
    assert (float(ada["follow_through"]), float(ada["late_penalty"]), ada["waiting"]) == (
        1,
        0.5,
        "1",
    )
    assert (float(ben["loss"]), float(ben["max_points"])) == (2, 10)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1"])
def test_no_name_is_a_formula_of_a_spreadsheet(name):
    """A folder's name is chosen by a student."""
    (row,) = csv.DictReader(io.StringIO(marks_table([Standing(make_report(name))]).decode()))
    assert row["student"] == f"'{name}"
