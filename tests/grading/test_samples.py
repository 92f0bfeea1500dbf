"""The sample class of each real assignment gets what samples.toml says."""

from pathlib import Path

import pytest

from autograder.authoring import build, list_assignments
from autograder.grading.pool import grade_class
from autograder.grading.session import Session
from autograder.grading.store import Workspace
from autograder.model import CourseError, Paths
from autograder.samples import load_samples, write_samples
from autograder.sandbox import Sandbox

COURSE = Paths(Path(__file__).parents[2])


@pytest.mark.slow
@pytest.mark.parametrize("name", list_assignments(COURSE))
def test_sample_class_gets_its_expected_verdicts(name, isolation, tmp_path):
    """Perfect is 100 %, untouched is 0, and each fault costs what it must and no more."""
    assert not build(COURSE, check=True).differing
    samples = load_samples(COURSE, name)
    assert len(samples) >= 12
    assert write_samples(COURSE, name, tmp_path / "submitted") == len(samples)
    students = [sample.student for sample in samples]
    session = Session.open(COURSE, name, 2**40)
    workspace = Workspace.in_folder(tmp_path / "graded")
    with Sandbox(isolation) as sandbox:
        run = grade_class(session, workspace, tmp_path / "submitted", students, sandbox, jobs=2)
    assert run.is_clean, run.troubles
    for sample in samples:
        report = run.reports[sample.student]
        wrong = {
            result.question: (result.verdict, result.message)
            for result in report.results
            if result.verdict is not sample.verdict(result.question)
        }
        assert not wrong, sample.student
    scores = {student: run.reports[student].points for student in students}
    assert scores["ben-untouched"] == 0
    assert scores["ada-perfect"] >= run.reports["ada-perfect"].max_points


def test_a_sample_that_no_longer_fits_is_said(tmp_path):
    """A replacement that finds nothing is an error, not a silently perfect sample."""
    (tmp_path / "assignments" / "a").mkdir(parents=True)
    (tmp_path / "assignments" / "a" / "samples.toml").write_text('[[sample]]\nstudent = "x"\n')
    with pytest.raises(CourseError, match="can't be used"):
        load_samples(Paths(tmp_path), "a")
