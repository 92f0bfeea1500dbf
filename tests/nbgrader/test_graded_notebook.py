"""The folder autograded/: what the formgrader shows, and what nbgrader computes from it."""

import nbformat
import pytest
from nbgrader.preprocessors import CheckCellMetadata
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution

from autograder.authoring import split_hidden
from autograder.grading import gradebook as module
from autograder.model import Verdict

STDERR = {"output_type": "stream", "name": "stderr", "text": "RuntimeWarning: overflow\n"}
STDOUT = {"output_type": "stream", "name": "stdout", "text": "Good: relative error 1e-16\n"}
NUMBER = {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": "99.0"}}
ERROR = {
    "output_type": "error",
    "ename": "ValueError",
    "evalue": "no",
    "traceback": ["ValueError: no"],
}


@pytest.fixture
def write(gradebook, source, tmp_path):
    """Return a function that writes a report's folder and reads its notebook."""

    def written(report, **more):
        gradebook.write_autograded(report, tmp_path / "autograded", source, **more)
        file = tmp_path / "autograded" / report.student / "tiny" / "lesson.ipynb"
        return nbformat.read(file, as_version=4)

    return written


def cell_of(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


REPORTS = {
    "perfect": {},
    "untouched": {"answers": {}, "verdicts": {"count_positive_check": Verdict.NOT_ATTEMPTED}},
    "a share": {"points": {"scale_rows": 1 / 3, "sum_columns": 1e-9}},
    "points without end": {"points": {"scale_rows": 2.0000000001}},
    "warnings": {"outputs": {"scale_rows": (STDERR,), "sum_columns": (STDOUT, STDERR)}},
    "an error in the visible part": {"outputs": {"scale_rows": (ERROR,)}},
    "a number shown": {"outputs": {"scale_rows": (NUMBER,)}},
    "wrong": {"verdicts": {"scale_rows": Verdict.WRONG, "labels": Verdict.MISSING}},
}


@pytest.mark.parametrize("changes", REPORTS.values(), ids=REPORTS)
def test_nbgrader_computes_the_marks_that_are_in_the_gradebook(
    gradebook, make_report, write, changes
):
    """Whatever recomputes marks from the notebook, as nbgrader's own steps do, gets ours."""
    report = make_report(**changes)
    gradebook.write(report)
    notebook = write(report)
    marks = gradebook.read_marks("ada", "tiny").marks
    computed = {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)
        for cell in notebook.cells
        if is_grade(cell)
    }
    assert computed == {
        name: (found.machine_score, found.max_points) for name, found in marks.items()
    }


def test_a_question_that_was_not_graded_gets_no_points(make_report, write):
    """For nbgrader, a check without output is passed."""
    report = make_report(notebooks={"lesson": ()})
    notebook = write(report)
    assert determine_grade(cell_of(notebook, "scale_rows")) == (0, 2)


def test_our_own_fault_is_said_and_gets_no_points(make_report, write):
    """An output can't say "not marked", so the gradebook does; the notebook never says more."""
    notebook = write(make_report(verdicts={"scale_rows": Verdict.HARNESS}))
    cell = cell_of(notebook, "scale_rows")
    assert determine_grade(cell) == (0, 2)
    assert "grader's own fault" in cell.outputs[0].data["text/html"]


def test_the_message_is_escaped(make_report, write):
    """A message may quote what a student's code said."""
    notebook = write(make_report(verdicts={"scale_rows": Verdict.WRONG}))
    html = cell_of(notebook, "scale_rows").outputs[0].data["text/html"]
    assert html == "<p><b>0 of 2 points</b>. WRONG: x &lt; 1 &amp; y</p>"


def test_outputs_and_answers_are_the_students_and_the_rest_is_the_courses(
    make_report, write, source
):
    """Answers stand in their cells, outputs below; checks are complete, locked and unchanged."""
    report = make_report(outputs={"scale_rows": (STDOUT,), "count_positive": (NUMBER,)})
    notebook = write(report)
    course = nbformat.read(source / "lesson.ipynb", as_version=4)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in course.cells]
    for cell, original in zip(notebook.cells, course.cells, strict=True):
        if is_solution(cell):
            assert "SOLUTION" not in cell.source
        else:
            assert cell.source == original.source
        if is_grade(cell) and not is_solution(cell):
            assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
            assert split_hidden(cell.source)[1]
            assert not cell.metadata.editable
    assert cell_of(notebook, "count_positive").source.startswith("def count_positive(x):\n    ret")
    assert cell_of(notebook, "count_positive").outputs[0].data["text/plain"] == "99.0"
    assert cell_of(notebook, "scale_rows").outputs[1].text == STDOUT["text"]
    assert cell_of(notebook, "why_columns").source == "One sum each."
    nbformat.validate(notebook)
    CheckCellMetadata().preprocess(notebook, {})


def test_cells_that_were_not_run_have_no_number(make_report, write):
    """Counts tell graders which cells ran, and in which order."""
    notebook = write(make_report())
    explore = next(cell for cell in notebook.cells if "explore" in cell.metadata.get("tags", ()))
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert explore.execution_count is None
    assert [count for count in counts if count] == list(range(1, len(counts)))


def test_an_answer_of_spaces_is_shown_as_untouched(gradebook, make_report, write):
    """What the gradebook marks 0 as untouched, nbgrader must not take for an answer."""
    report = make_report(answers={"why_columns": "  "})
    blank = type(report.written[0])("why_columns", "lesson", 2, attempted=False)
    report = make_report(answers={"why_columns": "  "}, written=(blank,))
    gradebook.write(report)
    assert gradebook.read_marks("ada", "tiny").marks["why_columns"].machine_score == 0
    assert determine_grade(cell_of(write(report), "why_columns")) == (0, 2)


def test_the_folder_holds_what_was_graded(make_report, write, source, tmp_path):
    """The student's files stand in the place of the stubs; the rest of the package is there."""
    write(make_report(), files={"tinypkg/rows.py": b"mine", "labels.npz": b"weights"})
    folder = tmp_path / "autograded" / "ada" / "tiny"
    assert (folder / "tinypkg" / "rows.py").read_bytes() == b"mine"
    assert (folder / "labels.npz").read_bytes() == b"weights"
    for name in ("columns.py", "checks.py"):
        original = source / "tinypkg" / name
        assert (folder / "tinypkg" / name).read_bytes() == original.read_bytes()
    assert (folder / "timestamp.txt").read_text() == "2027-01-30 12:30:15.250000 UTC\n"


def test_nbgrader_reads_the_same_time(make_report, write, tmp_path):
    """By timestamp.txt, nbgrader sees whether a submission is newer than its grading."""
    from nbgrader.coursedir import CourseDirectory

    from autograder.grading.syllabus import in_database

    report = make_report()
    write(report)
    folder = tmp_path / "autograded" / "ada" / "tiny"
    assert CourseDirectory().get_existing_timestamp(str(folder)) == in_database(report.timestamp)


def test_a_regrade_leaves_nothing_of_the_last_time(make_report, write, tmp_path):
    """A file that is no longer handed in is no longer there; nor is a leftover of a killed run."""
    write(make_report(), files={"old.npz": b"", "tinypkg/rows.py": b"mine"})
    (tmp_path / "autograded" / "ada" / ".tiny-killed").mkdir()
    write(make_report(timestamp=None))
    folder = tmp_path / "autograded" / "ada"
    assert [path.name for path in folder.iterdir()] == ["tiny"]
    assert not (folder / "tiny" / "old.npz").exists()
    assert not (folder / "tiny" / "timestamp.txt").exists()
    assert b"mine" not in (folder / "tiny" / "tinypkg" / "rows.py").read_bytes()


def test_a_write_that_fails_leaves_the_folder_as_it_was(make_report, write, tmp_path, monkeypatch):
    """A reader sees the old folder or the new one."""
    write(make_report(), files={"kept.npz": b"1"})

    def fails(file, notebook):
        raise OSError("the disk is full")

    monkeypatch.setattr(module, "write_notebook", fails)
    with pytest.raises(OSError, match="full"):
        write(make_report())
    folder = tmp_path / "autograded" / "ada"
    assert [path.name for path in folder.iterdir()] == ["tiny"]
    assert (folder / "tiny" / "kept.npz").read_bytes() == b"1"
    assert (folder / "tiny" / "lesson.ipynb").exists()
