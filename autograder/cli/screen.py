"""What commands print: tables, progress, where things are."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from autograder.certify import Findings
    from autograder.grading.pool import ClassRun
    from autograder.grading.store import Workspace
    from autograder.model import Assignment
    from autograder.reports import StudentChange
    from autograder.sandbox import Finding

console = Console()
errors = Console(stderr=True)


@contextmanager
def progress(total: int, doing: str = "Grading") -> Iterator[Callable[[str], None]]:
    """Show how far the class is graded; yields a function that is told each student."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(TextColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{60 * task.speed:.0f}/min" if task.speed else "")

    columns = (
        TextColumn(doing),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(""),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, speed_estimate_period=600) as progress:
        task = progress.add_task("", total=total)
        yield lambda student: progress.update(task, advance=1, description=student)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far a certification is; yields a function that is told each step of a stage."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console) as progress:

        def advance(stage: str, number: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=number)

        yield advance


@contextmanager
def interruptible(
    said: str = "What was done is kept; the same command goes on from here.",
) -> Iterator[None]:
    """Say what Ctrl-C did; typer alone would leave without a word."""
    try:
        yield
    except KeyboardInterrupt:
        errors.print(f"Interrupted. {said}")
        raise SystemExit(130) from None


def show_marks(run: ClassRun, assignment: Assignment) -> None:
    """Print a line for each student, and who could not be graded."""
    from rich.table import Table

    table = Table("Student", "Points", "Right", "Other verdicts", "Remarks")
    for student, report in sorted(run.reports.items()):
        right = sum(result.verdict is Verdict.PASS for result in report.results)
        others = [result.verdict for result in report.results if result.verdict is not Verdict.PASS]
        said = ", ".join(f"{others.count(v)} {v}" for v in Verdict if v in others)
        remarks = [f"late by {report.late_seconds / 3600:.0f} h"] if report.late_seconds else []
        remarks += [_count(report.notes, "note") + ", on the page"] if report.notes else []
        if report.flags:
            remarks.append(_count(report.flags, "flag") + ", on the class page")
        table.add_row(
            student,
            f"{report.points:g} / {report.max_points:g}",
            f"{right} of {len(report.results)}",
            said,
            ", ".join(remarks),
        )
    console.print(table)
    waiting = sum(answer.attempted for report in run.reports.values() for answer in report.written)
    if waiting:
        console.print(
            f"{waiting} written answers wait for a person (jupyter lab, menu Nbgrader, Formgrader)."
        )
    for trouble in run.troubles:
        errors.print(f"[bold red]Not graded:[/] {trouble.student}: {trouble.message}")


def _count(things: Sequence[str], name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


def show_changes(changes: Sequence[StudentChange], run: ClassRun, stored: AbstractSet[str]) -> None:
    """Print what a regrade would change, by question and by student."""
    from rich.table import Table

    by_question: dict[str, list[float]] = {}
    for change in changes:
        for row in change.questions:
            by_question.setdefault(row.question, []).append(row.gain)
    if changes:
        table = Table("Question", "Gain", "Lose", "Points in all")
        for question, gains in by_question.items():
            up, down = (sum(sign * gain > 0 for gain in gains) for sign in (1, -1))
            table.add_row(question, str(up), str(down), f"{sum(gains):+g}")
        console.print(table)
        table = Table("Student", "Now", "Then", "Difference", "Questions")
        for change in changes:
            points = (f"{each.points:g}" for each in (change.before, change.after))
            said = "\n".join(map(str, change.questions))
            table.add_row(change.before.student, *points, f"{change.gain:+g}", said)
        console.print(table)
    gain = sum(change.gain > 0 for change in changes)
    lose = sum(change.gain < 0 for change in changes)
    known = len(run.reports.keys() & stored)
    console.print(f"{gain} would gain, {lose} lose, {known - gain - lose} have the same points.")
    if run.reports.keys() - stored:
        console.print(f"{len(run.reports.keys() - stored)} are not graded yet.")
    for trouble in run.troubles:
        errors.print(f"[bold red]Not graded:[/] {trouble.student}: {trouble.message}")
    console.print("Nothing was changed. Without --preview, it is done.")


def say_where(workspace: Workspace, page: Path) -> None:
    """Print where pages and results are."""
    places = {
        "Class page": page,
        "Feedback pages": workspace.page("<student>"),
        "Marks": workspace.output / "marks.csv",
        "Results": workspace.output / "results",
    }
    for name, place in places.items():
        console.print(f"{name + ':':15} {place}", highlight=False, markup=False, soft_wrap=True)


def show_attempts(findings: Sequence[Finding]) -> None:
    """Print which escapes were tried, and what stopped them."""
    from rich.table import Table
    from rich.text import Text

    table = Table("Tried", "Should be stopped by", "Result")
    for finding in findings:
        style = "" if finding.held else "bold red"
        table.add_row(finding.attempt.tried, finding.attempt.stopped_by, Text(finding.said, style))
    console.print(table)
    reached = sum(not finding.held for finding in findings)
    if reached:
        errors.print(f"[bold red]{reached} attempts were not stopped.[/] Don't grade here.")
    else:
        console.print(f"All {len(findings)} attempts were stopped.")


def show_findings(findings: Findings) -> None:
    """Print what caught the mutants of each question, and what a person has to look at."""
    from rich.table import Column, Table

    from autograder.certify import report

    table = Table(Column("Question", overflow="fold"))
    for title in ("Mutants", "Caught", "Visible", "Probes", "Elsewhere", "Survived"):
        table.add_column(title, justify="right")
    for question, row in findings.tallies.items():
        if row.needs and not row.mutants:
            table.add_row(question, f"judges {', '.join(row.needs)}")
        elif row.mutants or not findings.is_partial:
            caught = (row.caught, row.caught_by_visible, row.caught_by_probes)
            counts = (row.mutants, *caught, row.caught_elsewhere, row.survivors)
            table.add_row(question, *map(str, counts))
    console.print(table)
    for line in report(findings):
        errors.print(line, highlight=False, markup=False, soft_wrap=True)
