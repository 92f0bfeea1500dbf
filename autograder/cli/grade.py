"""Commands for who grades a class: collect, grade, demo, doctor."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from autograder.cli.app import CourseOption, app, choose_workspace, find_course, must_exist
from autograder.cli.screen import (
    console,
    errors,
    interruptible,
    progress,
    say_where,
    show_attempts,
    show_changes,
    show_marks,
)
from autograder.model import CourseError, Paths, Report

if TYPE_CHECKING:
    from autograder.grading.pool import ClassRun
    from autograder.grading.store import Workspace
    from autograder.sandbox import Sandbox


@app.command()
def collect(
    assignment: Annotated[str, typer.Argument(help="For example assignment1.")],
    download: Annotated[
        Path, typer.Argument(help="What the learning platform gave: a folder or a zip file.")
    ],
    submitted: Annotated[
        Path | None, typer.Option(help="Where to put it; else submitted/.", metavar="DIR")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace submissions that are there already.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Unpack students' zip files safely into submitted/<student>/<assignment>/.

    Example: [bold]autograder collect assignment1 ~/Downloads/assignment1.zip[/]
    """
    from autograder.authoring import load_assignment
    from autograder.grading import collect as collecting

    paths = find_course(course)
    must_exist(paths, assignment)
    folder = (submitted or paths.root / "submitted").resolve()
    results = collecting.collect(
        download, folder, load_assignment(paths, assignment), replace=replace
    )
    for result in results:
        left_out = f", {len(result.left_out)} left out" if result.left_out else ""
        said = f"{len(result.files)} files{left_out}"
        if result.refusal:
            said = f"[red]refused:[/] {escape(result.source)}: {escape(result.refusal)}"
        console.print(f"{escape(result.student)}: {said}", highlight=False, soft_wrap=True)
    refused = sum(bool(result.refusal) for result in results)
    console.print(f"{len(results) - refused} collected into {folder}, {refused} refused.")
    if refused:
        raise SystemExit(1)


@dataclass(frozen=True)
class _Order:
    """What is to be graded, and how."""

    paths: Paths
    assignment: str
    workspace: Workspace
    submitted: Path
    jobs: int
    only: Sequence[str] = ()
    seed: int | None = None
    force: bool = False
    unsafe: bool = False

    def students(self) -> list[str]:
        """Return whom to grade. Raises CourseError where nobody can be."""
        from autograder.authoring import is_stale
        from autograder.grading.intake import find_students

        if is_stale(self.paths, self.assignment):
            raise CourseError(
                "source/ and release/ are older than assignments/: what students got is not what "
                "would be graded. Run `autograder build` first."
            )
        found = find_students(self.submitted, self.assignment)
        place = f"{self.submitted}/<student>/{self.assignment}/"
        if not found:
            raise CourseError(
                f"No submissions: there is no folder {place}. "
                "Put them there, or say where they are with --submitted."
            )
        unknown = sorted(set(self.only) - set(found))
        if unknown:
            raise CourseError(f"No submission of {', '.join(unknown)} in {place}.")
        return [name for name in found if not self.only or name in self.only]


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument(help="For example assignment1.")],
    submitted: Annotated[
        Path | None,
        typer.Option(help="Has <student>/<assignment>/ folders; else submitted/.", metavar="DIR"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Keep everything below this folder; else the course's own gradebook, autograded/ "
            "and reports/<assignment>/ are used.",
            metavar="DIR",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Submissions at a time; else one for each core.")
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option(help="Only this student; can be repeated.", metavar="ID")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Repeat a run with its seed (from run.json).")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Grade all again, with a new seed if none is given.")
    ] = False,
    unsafe: Annotated[
        bool,
        typer.Option("--unsafe", help="Grade even where submissions can't be isolated."),
    ] = False,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Change nothing: grade in a temporary place and print who would gain or lose. "
            "Inputs are those of the stored results, also where the course has changed since, so "
            "that all that differs comes from the change; with --force they are drawn anew.",
        ),
    ] = False,
    course: CourseOption = None,
) -> None:
    """Grade a class: marks into the gradebook, a page for each student, one for the class.

    Example: [bold]autograder grade assignment1 --jobs 4[/]
    """
    paths = find_course(course)
    must_exist(paths, assignment)
    order = _Order(
        paths,
        assignment,
        workspace=choose_workspace(paths, assignment, output),
        submitted=(submitted or paths.root / "submitted").resolve(),
        jobs=jobs or len(os.sched_getaffinity(0)),
        only=student or (),
        seed=seed,
        force=force,
        unsafe=unsafe,
    )
    run = _preview(order) if preview else _grade(order)
    if not run.is_clean:
        raise SystemExit(1)


def _grade(order: _Order) -> ClassRun:
    """Grade while no other run does, and print the table of marks."""
    from autograder.grading import store
    from autograder.sandbox import Sandbox, detect

    students = order.students()
    with (
        store.only_run(order.workspace),
        interruptible(),
        Sandbox(detect(), unsafe=order.unsafe) as sandbox,
    ):
        if order.force or any(not order.workspace.result_file(name).is_file() for name in students):
            sandbox.start()  # and read the course while it warms up
        return _grade_in(sandbox, order, students)


def _grade_in(sandbox: Sandbox, order: _Order, students: Sequence[str]) -> ClassRun:
    """Grade, with a progress bar, and print the table of marks."""
    from autograder.authoring import digest
    from autograder.grading import pool, store
    from autograder.grading.session import Session
    from autograder.reports import (
        load_standing,
        load_standings,
        write_class_report,
        write_feedback,
    )

    seed = store.choose_seed(order.workspace, order.seed, digest(order.paths), force=order.force)
    if seed < 1 << 32:
        errors.print(f"Seed {seed} is short: a submission could guess it. Use it for trials only.")
    session = Session.open(order.paths, order.assignment, seed)
    with progress(len(students)) as advance:

        def on_graded(report: Report, kept: bool) -> None:
            if not kept or not order.workspace.page(report.student).is_file():
                standing = load_standing(order.workspace, report)
                write_feedback(order.workspace, standing, session.assignment)
            advance(report.student)

        run = pool.grade_class(
            session,
            order.workspace,
            order.submitted,
            students,
            sandbox,
            jobs=order.jobs,
            force=order.force,
            on_graded=on_graded,
        )
    page = write_class_report(
        order.workspace,
        load_standings(order.workspace, order.assignment),
        session.assignment,
        not_graded={trouble.student: trouble.message for trouble in run.troubles},
    )
    show_marks(run, session.assignment)
    say_where(order.workspace, page)
    return run


def _preview(order: _Order) -> ClassRun:
    """Grade in a temporary place, and print who would gain or lose."""
    from autograder.authoring import digest
    from autograder.grading import pool, store
    from autograder.grading.session import Session
    from autograder.reports import compare, load_standings
    from autograder.sandbox import Sandbox, detect

    stored = load_standings(order.workspace, order.assignment)
    if not stored:
        raise CourseError(
            f"There is nothing to compare with: no results in {order.workspace.output / 'results'}."
        )
    students = order.students()
    seed = order.seed
    if seed is None and not order.force:
        seed = Counter(each.report.seed for each in stored).most_common(1)[0][0]
    with (
        interruptible("Nothing was changed."),
        tempfile.TemporaryDirectory(prefix="autograder-preview-") as folder,
        Sandbox(detect(), unsafe=order.unsafe) as sandbox,
        progress(len(students), "Trying") as advance,
    ):
        trial = store.Workspace.in_folder(Path(folder))
        seed = store.choose_seed(trial, seed, digest(order.paths), force=True)

        def on_graded(report: Report, kept: bool) -> None:
            shutil.rmtree(trial.autograded / report.student, ignore_errors=True)
            advance(report.student)

        run = pool.grade_class(
            Session.open(order.paths, order.assignment, seed),
            trial,
            order.submitted,
            students,
            sandbox,
            jobs=order.jobs,
            on_graded=on_graded,
        )
    show_changes(compare(stored, run.reports), run, {each.student for each in stored})
    return run


@app.command()
def demo(
    output: Annotated[Path | None, typer.Option(help="Else demo/.", metavar="DIR")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions at a time.")] = 2,
    course: CourseOption = None,
) -> None:
    """Show the whole way: build, make a class of sample submissions, grade it, show the pages.

    Example: [bold]autograder demo[/]
    """
    from autograder import authoring
    from autograder.grading.store import Workspace
    from autograder.samples import write_samples

    paths = find_course(course)
    folder = (output or paths.root / "demo").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    with console.status("Building source/ and release/ from assignments/ ..."):
        authoring.build(paths)
    is_clean = True
    for name in authoring.list_assignments(paths):
        count = write_samples(paths, name, folder / "submitted")
        if not count:
            continue
        console.rule(f"{name}: {count} sample submissions")
        workspace = Workspace.in_folder(folder / name)
        run = _grade(_Order(paths, name, workspace, folder / "submitted", jobs))
        is_clean = is_clean and run.is_clean
    if not is_clean:
        raise SystemExit(1)


@app.command()
def doctor(
    selftest: Annotated[
        bool, typer.Option("--selftest", help="Try harmless escapes, and say what stopped them.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Say what this machine offers for grading safely, and what to install.

    Example: [bold]autograder doctor --selftest[/]
    """
    from autograder import sandbox

    isolation = sandbox.detect()
    console.print(isolation.explain(), highlight=False, markup=False)
    if not isolation.sufficient:
        raise SystemExit(1)
    if selftest:
        findings = sandbox.selftest(isolation, find_course(course).root)
        show_attempts(findings)
        if not all(finding.held for finding in findings):
            raise SystemExit(1)
