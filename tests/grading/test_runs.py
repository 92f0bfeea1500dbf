"""Grading runs: repeated, resumed, in parallel."""

import gc
import json
import resource
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from case_folders import CASES

from autograder.grading import store
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.pool import grade_class
from autograder.grading.session import Session
from autograder.grading.store import Workspace
from autograder.model import CourseError, Ending, Outcome, Paths, Run, Submission, Verdict
from autograder.sandbox import Sandbox

REAL_COURSE = Paths(Path(__file__).parents[2])
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


def test_a_worker_without_submissions_helps_with_the_last_one():
    """Two lessons are run at a time, each once, though only one submission is left."""
    session = Session.open(REAL_COURSE, "assignment1", 2**40)
    session.explains = False
    lessons = [notebook.name for notebook in session.assignment.notebooks]
    assert len(lessons) == 4
    two, ran = threading.Barrier(2, timeout=10), []

    class Fake:
        def run(self, program):
            ran.append(program.steps[-1].id)
            two.wait()
            return Run(tuple(Outcome(step.id, Ending.OK) for step in program.steps))

    session.reference = {
        notebook.name: Run(
            tuple(
                Outcome(id_, Ending.OK)
                for cell in notebook.cells
                for id_ in (cell.id, f"{cell.id}/hidden")
            )
        )
        for notebook in session.assignment.notebooks
    }
    submission = Submission("ada", "assignment1", {}, {})
    grading = threading.Thread(target=session.grade, args=[submission, Fake()])
    grading.start()
    while grading.is_alive():
        session.help(Fake())
    assert len(ran) == len(set(ran)) == 4


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


@pytest.mark.slow
def test_what_is_cut_short_counts_only_if_it_is_again_alone(grade, tmp_path, monkeypatch):
    """A busy machine costs no marks: the second run counts, when no other submission is run."""
    run_and_judge = Session.grade
    lock = threading.Lock()
    running, attempts, crowded = set(), Counter(), []

    def grade_slowly(session, submission, sandbox):
        with lock:
            attempts[submission.student] += 1
            running.add(submission.student)
            if attempts[submission.student] == 2:
                crowded.append(len(running) > 1)
        report = run_and_judge(session, submission, sandbox)
        with lock:
            running.remove(submission.student)
        if submission.student != "perfect" or attempts["perfect"] > 1:
            return report
        too_slow = (replace(each, verdict=Verdict.TIMEOUT, points=0) for each in report.results)
        return replace(report, results=tuple(too_slow), cut_short=True)

    monkeypatch.setattr(Session, "grade", grade_slowly)
    told = []
    run = grade(
        tmp_path,
        ["perfect", "endless-loop", *SOME[1:]],
        jobs=3,
        on_graded=lambda report, kept: told.append(report.student),
    )
    assert run.reports["perfect"].points == 13
    verdicts = {each.question: each.verdict for each in run.reports["endless-loop"].results}
    assert verdicts["sum_columns"] is Verdict.TIMEOUT
    # "crash" dies by itself, which an overloaded machine could look like.
    assert attempts == {
        "perfect": 2,
        "endless-loop": 2,
        "half-done": 1,
        "crash": 2,
        "wrong-shape": 1,
    }
    assert crowded == [False, False, False]
    assert sorted(told) == sorted(attempts)


@pytest.mark.slow
def test_a_limit_on_time_that_a_loaded_machine_reaches_is_tried_again(
    course, submitted, isolation, tmp_path, monkeypatch
):
    """With real limits: what waits too long the first time, and not alone, gets its points."""
    session = Session.open(course, "tiny", 2**40)
    limits = replace(session.assignment.limits, step_wall_seconds=1)
    session = replace(session, assignment=replace(session.assignment, limits=limits))
    CASES["perfect"].write(submitted / "waits" / "tiny")
    first = []
    run_program = Sandbox.run

    def run_in_a_crowd(sandbox, program, on_step=None):
        is_first = session.reference and not first
        if is_first:  # as if others had the processor for two seconds of each step
            first.append(True)
            steps = tuple(
                replace(step, source=f"import time; time.sleep(2)\n{step.source}")
                for step in program.steps
            )
            program = replace(program, steps=steps)
        return run_program(sandbox, program, on_step)

    monkeypatch.setattr(Sandbox, "run", run_in_a_crowd)
    workspace = Workspace.in_folder(tmp_path)
    with Sandbox(isolation) as sandbox:
        run = grade_class(session, workspace, submitted, ["waits"], sandbox)
    assert first
    assert run.reports["waits"].points == 13


def test_a_forgotten_gradebook_is_filled_again(grade, tmp_path):
    """Results alone are no reason to skip a submission of which the gradebook knows nothing."""
    grade(tmp_path, ["perfect"])
    (tmp_path / "gradebook.db").unlink()
    grade(tmp_path, ["perfect"])
    with GradebookWriter(Workspace.in_folder(tmp_path).gradebook) as book:
        assert book.read_marks("perfect", "tiny").points == 13


def test_grading_unchanged_again_starts_no_sandbox_and_writes_nothing(grade, tmp_path, monkeypatch):
    """It costs almost nothing."""
    grade(tmp_path, SOME)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}

    def must_not(*_, **__):
        raise AssertionError("nothing is to be done")

    monkeypatch.setattr(Sandbox, "start", must_not)
    monkeypatch.setattr(GradebookWriter, "__enter__", must_not)
    run = grade(tmp_path, SOME)
    assert sorted(run.reports) == sorted(SOME)
    assert {file: file.stat().st_mtime_ns for file in before} == before


@pytest.mark.slow
def test_memory_does_not_grow_with_the_class(grade, submitted, tmp_path):
    """After the first submissions, a report costs the grader kilobytes, however large it is."""
    long = 400_000  # characters that each submission prints
    names = [f"talks-{number:03}" for number in range(120)]
    for name in names:
        CASES["perfect"].write(submitted / name / "tiny")
        with (submitted / name / "tiny" / "tinypkg" / "rows.py").open("a") as module:
            module.write(f"\nprint('{name}' * {long // len(name)})\n")
    used = []

    def on_graded(report, kept):
        shown = sum(len(str(cell.outputs)) for cell in report.notebooks["lesson"])
        assert shown > long
        gc.collect()
        fields = Path("/proc/self/statm").read_text().split()
        used.append(int(fields[1]) * resource.getpagesize())

    gc.collect()
    gc.freeze()  # what earlier tests left behind need not be looked through 120 times
    try:
        grade(tmp_path, names, on_graded=on_graded)
    finally:
        gc.unfreeze()
    growth = max(used[-20:]) - max(used[20:40])  # over 80 reports of 400 KB
    assert growth < 8_000_000
