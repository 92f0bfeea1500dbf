"""Each behaviour of the grader is a folder: a submission, and what grading says of it."""

import json

import pytest
from case_folders import FOLDER, NAMES


@pytest.fixture(scope="module")
def run(grade, tmp_path_factory):
    """All cases graded in one run by two workers, so that a fault could touch its neighbours."""
    return grade(tmp_path_factory.mktemp("graded"))


@pytest.mark.parametrize("case", NAMES)
def test_case_gets_its_expected_result(run, case):
    """A submission folder gets the verdicts, points and notes of the expected.json beside it."""
    expected = json.loads((FOLDER / case / "expected.json").read_text())
    report = run.reports[case]
    verdicts = {result.question: result.verdict.value for result in report.results}
    assert verdicts == expected["verdicts"]
    assert report.points == expected["points"]
    assert all(answer.attempted is expected["written_attempted"] for answer in report.written)
    messages = {result.question: result.message for result in report.results}
    for question, words in expected["messages"].items():
        assert words in messages[question]
    for words in expected["notes"]:
        assert any(words in note for note in report.notes), report.notes


def test_no_submission_made_trouble_for_the_grader(run):
    """Whatever is handed in, nothing of it is our fault."""
    assert run.troubles == []
    assert run.is_clean


def test_lateness_is_measured(run):
    """Two days after the due date."""
    assert run.reports["late"].late_seconds == 2 * 24 * 3600
    assert run.reports["perfect"].late_seconds == 0
