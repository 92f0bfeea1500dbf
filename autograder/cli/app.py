"""The command line itself, and how each command finds its course."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.screen import errors
from autograder.model import CourseError, HarnessError, Paths

if TYPE_CHECKING:
    from autograder.grading.store import Workspace

app = typer.Typer(
    name="autograder",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Build, hand out and grade a course of notebooks.",
)

CourseOption = Annotated[
    Path | None,
    typer.Option(
        "--course", help="The course folder; else found from here upwards.", metavar="DIR"
    ),
]


def main() -> None:
    """Run the command line."""
    # One BLAS thread in each process: workers are the parallelism, and two threads in each of them
    # wait for each other most of the time on a busy machine.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # jsonschema would build a grammar of addresses that nobody asks for: half of nbgrader's import.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    # Nearly all objects here live to the end: looking for garbage among them as often as Python
    # does took a tenth of the time.
    gc.set_threshold(20_000)
    try:
        app()
    except HarnessError as problem:
        errors.print(f"[bold red]The course or the grader failed:[/] {problem}", highlight=False)
        raise SystemExit(1) from None
    except CourseError as problem:
        errors.print(f"[bold red]Error:[/] {problem}", highlight=False)
        raise SystemExit(2) from None
    except OSError as problem:  # a disk that is full, a folder without permission
        errors.print(
            f"[bold red]Error:[/] {problem}. What was done is kept; the same command goes on from "
            "here.",
            highlight=False,
        )
        raise SystemExit(2) from None


def find_course(given: Path | None) -> Paths:
    """Return the course at or above a folder. Raises CourseError where there is none."""
    for folder in [given.resolve()] if given else [Path.cwd(), *Path.cwd().parents]:
        if (folder / "assignments").is_dir() and (folder / "nbgrader_config.py").is_file():
            return Paths(folder)
    where = given or "this folder or above it"
    raise CourseError(
        f"No course in {where}: it has a folder assignments/ and a file nbgrader_config.py. "
        "Change into the course folder or give --course."
    )


def choose_workspace(paths: Paths, assignment: str, output: Path | None) -> Workspace:
    """Return where results go: below the output folder if one is given, else the course's own."""
    from autograder.grading.store import Workspace

    if output:
        return Workspace.in_folder(output.resolve())
    return Workspace.of_course(paths.root, assignment)


def must_exist(paths: Paths, assignment: str) -> None:
    """Raise CourseError if the course has no such assignment."""
    from autograder.authoring import list_assignments

    known = list_assignments(paths)
    if assignment not in known:
        raise CourseError(f"There is no assignment {assignment!r}; there are {', '.join(known)}.")
