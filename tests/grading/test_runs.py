"""Grading runs: repeated, resumed, in parallel."""

import json
from dataclasses import replace

import pytest

from autograder.grading import store
from autograder.grading.store import Workspace
from autograder.model import CourseError, Verdict

SOME = ["perfect", "half-done", "crash", "wrong-shape"]


def plain(report):
    """What was found, without what differs from one measurement to the next."""
    document = store.to_json(report) | {"cpu_seconds": 0, "wall_seconds": 0}
    for row in document["questions"]:
        row["cpu_seconds"] = 0
    return document, [[cell.outputs for cell in cells] for cells in report.notebooks.values()]


def test_one_worker_and_three_give_equal_results(grade, tmp_path):
    """Marks don't depend on --jobs."""
    one, three = {}, {}
    for found, jobs in ((one, 1), (three, 3)):

        def on_graded(report, kept, found=found):
            found[report.student] = plain(report)

        grade(tmp_path / str(jobs), SOME, jobs=jobs, on_graded=on_graded)
    assert one == three
    assert sorted(one) == sorted(SOME)


def test_unchanged_submissions_are_kept_and_force_grades_again(grade, tmp_path):
    """What hasn't changed costs nothing."""
    told = []

    def on_graded(report, kept):
        told.append(kept)

    grade(tmp_path, ["perfect"], on_graded=on_graded)
    grade(tmp_path, ["perfect"], on_graded=on_graded)
    grade(tmp_path, ["perfect"], on_graded=on_graded, force=True)
    grade(tmp_path, ["perfect"], on_graded=on_graded, seed=2**41)
    assert told == [False, True, False, False]


def test_a_damaged_results_file_is_graded_again(grade, tmp_path):
    """A file that can't be read is no result."""
    grade(tmp_path, ["perfect"])
    file = Workspace.in_folder(tmp_path).result_file("perfect")
    file.write_text("{")
    grade(tmp_path, ["perfect"])
    assert json.loads(file.read_text())["points"] == 13


def test_results_file_round_trip(grade, tmp_path):
    """What is stored is what was found, without the notebooks."""
    report = grade(tmp_path, ["wrong-shape"]).reports["wrong-shape"]
    stored = store.load(Workspace.in_folder(tmp_path).result_file("wrong-shape"))
    assert stored == replace(
        report,
        cpu_seconds=round(report.cpu_seconds, 3),
        wall_seconds=round(report.wall_seconds, 3),
    )


def test_results_of_another_schema_are_refused(tmp_path):
    """A reader never guesses."""
    file = tmp_path / "x.json"
    file.write_text('{"schema": "something/9"}')
    with pytest.raises(CourseError, match="not a results file"):
        store.load(file)


def test_the_seed_is_kept_for_a_class_and_drawn_anew_by_force(tmp_path):
    """Late submissions meet the same hidden inputs; a changed course or --force draws new ones."""
    workspace = Workspace.in_folder(tmp_path)
    first = store.choose_seed(workspace, None, "course", force=False)
    assert store.choose_seed(workspace, None, "course", force=False) == first
    assert store.choose_seed(workspace, None, "changed", force=False) != first
    second = store.choose_seed(workspace, None, "changed", force=False)
    assert store.choose_seed(workspace, None, "changed", force=True) != second
    assert store.choose_seed(workspace, 7, "changed", force=False) == 7
    assert store.choose_seed(workspace, None, "changed", force=False) == 7


def test_our_own_trouble_with_one_student_leaves_the_others(grade, tmp_path, monkeypatch):
    """A fault of the grader is listed, makes the run unclean, and stops nobody else."""
    save = store.save

    def fails_for_one(workspace, report):
        if report.student == "crash":
            raise OSError("disk full")
        return save(workspace, report)

    monkeypatch.setattr(store, "save", fails_for_one)
    run = grade(tmp_path, SOME)
    assert [trouble.student for trouble in run.troubles] == ["crash"]
    assert not run.is_clean
    assert run.reports["perfect"].results[0].verdict is Verdict.PASS
