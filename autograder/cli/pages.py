"""The command that writes the pages anew, for a platform, too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.app import CourseOption, app, choose_workspace, find_course, must_exist
from autograder.cli.screen import console, errors, interruptible, progress, say_where
from autograder.model import CourseError

if TYPE_CHECKING:
    from autograder.grading.store import Workspace
    from autograder.reports import Standing


@app.command()
def pages(
    assignment: Annotated[str, typer.Argument(help="For example assignment1.")],
    output: Annotated[
        Path | None,
        typer.Option(help="The --output that it was graded with, if any.", metavar="DIR"),
    ] = None,
    nbgrader: Annotated[
        bool,
        typer.Option(
            "--nbgrader",
            help="Also write feedback/<student>/<assignment>/, for nbgrader release_feedback.",
        ),
    ] = False,
    moodle: Annotated[
        Path | None,
        typer.Option(
            help="A grading worksheet downloaded from Moodle: write moodle.csv, the same with the "
            "marks that are complete, to be uploaded again.",
            metavar="FILE",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    course: CourseOption = None,
) -> None:
    """Write all pages anew, with the marks and comments that came in by hand; grades nothing.

    Example: [bold]autograder pages assignment1 --nbgrader[/]
    """
    from autograder import reports
    from autograder.authoring import load_assignment
    from autograder.grading import store
    from autograder.grading.gradebook import find_graded

    paths = find_course(course)
    must_exist(paths, assignment)
    workspace = choose_workspace(paths, assignment, output)
    loaded = load_assignment(paths, assignment)
    standings = reports.load_standings(workspace, assignment)
    if not standings:
        raise CourseError(
            f"No results in {workspace.output / 'results'}. Run `autograder grade {assignment}` "
            "first, or say with --output where its results are."
        )
    cannot_fetch = []
    with (
        store.only_run(workspace),
        interruptible(),
        progress(len(standings), "Writing pages") as advance,
    ):
        for standing in standings:
            reports.write_feedback(workspace, standing, loaded)
            if nbgrader and not reports.hand_to_nbgrader(workspace, standing, loaded):
                cannot_fetch.append(standing.student)
            advance(standing.student)
    lost = find_graded(workspace.gradebook, assignment) - {each.student for each in standings}
    page = reports.write_class_report(
        workspace,
        standings,
        loaded,
        not_graded=dict.fromkeys(sorted(lost), "Only the gradebook knows it. Grade again."),
    )
    say_where(workspace, page)
    if moodle:
        _fill_worksheet(workspace, moodle, standings)
    if nbgrader:
        console.print(f"For nbgrader:   {workspace.feedback}", highlight=False, soft_wrap=True)
        _say_who_cannot_fetch(cannot_fetch, len(standings))


def _fill_worksheet(workspace: Workspace, worksheet: Path, standings: Sequence[Standing]) -> None:
    from autograder.grading.store import write_atomically
    from autograder.reports import fill_worksheet

    filled, missing = fill_worksheet(worksheet.read_bytes(), standings)
    write_atomically(workspace.output / "moodle.csv", filled)
    console.print(
        f"For Moodle:     {workspace.output / 'moodle.csv'}", highlight=False, soft_wrap=True
    )
    waiting = sum(bool(each.waiting) for each in standings)
    if waiting:
        errors.print(f"{waiting} marks were left out: a part is still to be marked by hand.")
    if missing:
        errors.print(f"Not in the worksheet: {', '.join(missing)}", highlight=False, markup=False)


def _say_who_cannot_fetch(students: Sequence[str], everybody: int) -> None:
    """Say whom nbgrader's release_feedback can't serve, and how to get past them."""
    if len(students) == everybody:
        errors.print("No submission came through nbgrader's exchange: nobody can fetch these.")
    elif students:
        errors.print(
            f"{len(students)} of {everybody} submissions did not come through nbgrader's "
            "exchange, and release_feedback stops at the first of them. Leave them out with "
            f"--CourseDirectory.student_id_exclude={','.join(students)}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
