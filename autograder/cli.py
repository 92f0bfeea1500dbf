"""The commands. Only this room prints, and only this room looks for the course folder.

Exit codes: 0 the work was done, whatever the marks; 1 the grader or the course itself failed; 2 the
command was used wrongly or something is missing, and the message says what to do.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from autograder.model import CourseError, HarnessError, Paths, Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from autograder.certify import Findings
    from autograder.grading.pool import ClassRun
    from autograder.grading.store import Workspace
    from autograder.model import Assignment
    from autograder.reports import Standing, StudentChange
    from autograder.sandbox import Finding

app = typer.Typer(
    name="autograder",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Build, hand out and grade a course of notebooks.",
)
console = Console()
errors = Console(stderr=True)

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


@app.command()
def build(
    assignment: Annotated[list[str] | None, typer.Argument(help="Only these.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only compare; fail when stale.")] = False,
    course: CourseOption = None,
) -> None:
    """Make source/ and release/ from assignments/.

    Example: [bold]autograder build --check[/]
    """
    from autograder import authoring

    paths = _find_course(course)
    started = time.monotonic()
    result = authoring.build(paths, check=check, only=assignment or None)
    if check and result.differing:
        for name in result.differing:
            errors.print(f"  {name}", highlight=False)
        raise CourseError(
            f"{len(result.differing)} built files differ from a fresh build (above). "
            "Run `autograder build` and commit what it makes."
        )
    seconds = time.monotonic() - started
    verb = "fresh" if check else "written"
    console.print(f"source/ and release/ are {verb}: {len(result.files)} files, {seconds:.1f} s.")


@app.command()
def release(
    assignment: Annotated[str, typer.Argument(help="For example assignment1.")],
    zip_: Annotated[bool, typer.Option("--zip", help="Pack it as one file.")] = False,
    output: Annotated[Path, typer.Option(help="Where to put it.", metavar="DIR")] = Path("dist"),
    course: CourseOption = None,
) -> None:
    """Prepare what students receive: a folder, or with --zip one file.

    Example: [bold]autograder release assignment1 --zip[/]
    """
    from autograder import authoring

    paths = _find_course(course)
    _must_exist(paths, assignment)
    authoring.build(paths, only=[assignment])
    output.mkdir(parents=True, exist_ok=True)
    if zip_:
        target = authoring.release_zip(paths, assignment, output)
    else:
        target = output / assignment
        if target.exists():
            raise CourseError(f"{target} exists already; remove it or give another --output.")
        shutil.copytree(paths.release / assignment, target)
    console.print(f"Hand out {target}", highlight=False)


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

    paths = _find_course(course)
    _must_exist(paths, assignment)
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
    paths = _find_course(course)
    _must_exist(paths, assignment)
    workspace = _workspace(paths, assignment, output)
    folder = (submitted or paths.root / "submitted").resolve()
    grading = _preview if preview else _grade
    run = grading(
        paths,
        assignment,
        workspace,
        folder,
        jobs=jobs or len(os.sched_getaffinity(0)),
        only=student,
        seed=seed,
        force=force,
        unsafe=unsafe,
    )
    if not run.is_clean:
        raise SystemExit(1)


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

    paths = _find_course(course)
    _must_exist(paths, assignment)
    workspace = _workspace(paths, assignment, output)
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
        _interruptible(),
        _progress(len(standings), "Writing pages") as advance,
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
    _say_where(workspace, page)
    if moodle:
        _fill_worksheet(workspace, moodle, standings)
    if nbgrader:
        console.print(f"For nbgrader:   {workspace.feedback}", highlight=False, soft_wrap=True)
        _say_who_cannot_fetch(cannot_fetch, len(standings))


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

    paths = _find_course(course)
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
        run = _grade(paths, name, workspace, folder / "submitted", jobs=jobs)
        is_clean = is_clean and run.is_clean
    if not is_clean:
        raise SystemExit(1)


@app.command()
def certify(
    assignment: Annotated[
        list[str] | None, typer.Argument(help="For example assignment1; else all.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Programs at a time; else one for each core.")
    ] = None,
    only: Annotated[
        str, typer.Option(help="Only functions whose place has this in it; writes nothing.")
    ] = "",
    sample: Annotated[
        int, typer.Option(min=0, help="Only so many mutants, at random; writes nothing.")
    ] = 0,
    course: CourseOption = None,
) -> None:
    """Prove the checks: hand in wrong programs by the thousand, and right ones written differently.

    Example: [bold]autograder certify assignment1 --only softmax[/]
    """
    from autograder import authoring
    from autograder import certify as certifying
    from autograder.sandbox import detect

    paths = _find_course(course)
    is_good = True
    for name in assignment or authoring.list_assignments(paths):
        _must_exist(paths, name)
        console.rule(name)
        started = time.monotonic()
        with _stages() as progress:
            findings = certifying.certify(
                paths,
                name,
                detect(),
                jobs=jobs or len(os.sched_getaffinity(0)),
                only=only,
                sample=sample,
                progress=progress,
            )
        _show_findings(findings)
        console.print(f"{findings.mutants} mutants, {time.monotonic() - started:.0f} s.")
        if not findings.is_partial:
            place = certifying.write(paths, name, findings)
            console.print(f"Certificate: {place}", highlight=False, soft_wrap=True)
        is_good = is_good and findings.is_good
    if not is_good:
        raise SystemExit(1)


@app.command()
def mistakes(
    assignment: Annotated[str, typer.Argument(help="For example assignment1.")],
    prove: Annotated[
        bool, typer.Option("--prove", help="Hand in each known mistake: is it told its name?")
    ] = False,
    only: Annotated[
        str, typer.Option(help="With --prove: only names or functions that have this in them.")
    ] = "",
    fingerprints: Annotated[
        bool,
        typer.Option("--fingerprints", help="Compute by which values students' checks name them."),
    ] = False,
    add: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="Add what a student wrote for a question to the known mistakes.",
            metavar="STUDENT QUESTION",
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="With --add: what to call the mistake.")] = "",
    submitted: Annotated[
        Path | None, typer.Option(help="As for `autograder grade`.", metavar="DIR")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="As for `autograder grade`.", metavar="DIR")
    ] = None,
    course: CourseOption = None,
) -> None:
    """List what the class got wrong in ways that no known mistake explains; add to these.

    Example: [bold]autograder mistakes assignment1 --add ada svm_loss_naive --name no-margin[/]
    """
    paths = _find_course(course)
    _must_exist(paths, assignment)
    folder = (submitted or paths.root / "submitted").resolve()
    if prove:
        if not _prove(paths, assignment, only):
            raise SystemExit(1)
    elif fingerprints:
        _fingerprint(paths, assignment)
    elif add:
        _add_mistake(paths, assignment, folder, *add, name)
    else:
        _list_unexplained(paths, assignment, _workspace(paths, assignment, output), folder)


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
        findings = sandbox.selftest(isolation, _find_course(course).root)
        _show_attempts(findings)
        if not all(finding.held for finding in findings):
            raise SystemExit(1)


def _show_attempts(findings: Sequence[Finding]) -> None:
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


def _grade(
    paths: Paths,
    assignment: str,
    workspace: Workspace,
    submitted: Path,
    *,
    jobs: int,
    only: Sequence[str] | None = None,
    seed: int | None = None,
    force: bool = False,
    unsafe: bool = False,
) -> ClassRun:
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
    from autograder.sandbox import detect

    students = _students(paths, assignment, submitted, only)
    with store.only_run(workspace), _interruptible():
        seed = store.choose_seed(workspace, seed, digest(paths), force=force)
        if seed < 1 << 32:
            errors.print(
                f"Seed {seed} is short: a submission could guess it. Use it for trials only."
            )
        session = Session.open(paths, assignment, seed)
        isolation = detect()
        with _progress(len(students)) as advance:

            def on_graded(report: Report, kept: bool) -> None:
                if not kept or not workspace.page(report.student).is_file():
                    standing = load_standing(workspace, report)
                    write_feedback(workspace, standing, session.assignment)
                advance(report.student)

            run = pool.grade_class(
                session,
                workspace,
                submitted,
                students,
                isolation,
                jobs=jobs,
                force=force,
                unsafe=unsafe,
                on_graded=on_graded,
            )
        page = write_class_report(
            workspace,
            load_standings(workspace, assignment),
            session.assignment,
            not_graded={trouble.student: trouble.message for trouble in run.troubles},
        )
    _show(run, session.assignment)
    _say_where(workspace, page)
    return run


def _preview(
    paths: Paths,
    assignment: str,
    workspace: Workspace,
    submitted: Path,
    *,
    jobs: int,
    only: Sequence[str] | None = None,
    seed: int | None = None,
    force: bool = False,
    unsafe: bool = False,
) -> ClassRun:
    """Grade in a temporary place, and print who would gain or lose."""
    from autograder.authoring import digest
    from autograder.grading import pool, store
    from autograder.grading.session import Session
    from autograder.reports import compare, load_standings
    from autograder.sandbox import detect

    stored = load_standings(workspace, assignment)
    if not stored:
        raise CourseError(
            f"There is nothing to compare with: no results in {workspace.output / 'results'}."
        )
    students = _students(paths, assignment, submitted, only)
    if seed is None and not force:
        seed = Counter(each.report.seed for each in stored).most_common(1)[0][0]
    with (
        _interruptible("Nothing was changed."),
        tempfile.TemporaryDirectory(prefix="autograder-preview-") as folder,
        _progress(len(students), "Trying") as advance,
    ):
        trial = store.Workspace.in_folder(Path(folder))
        seed = store.choose_seed(trial, seed, digest(paths), force=True)

        def on_graded(report: Report, kept: bool) -> None:
            shutil.rmtree(trial.autograded / report.student, ignore_errors=True)
            advance(report.student)

        run = pool.grade_class(
            Session.open(paths, assignment, seed),
            trial,
            submitted,
            students,
            detect(),
            jobs=jobs,
            unsafe=unsafe,
            on_graded=on_graded,
        )
    _show_changes(compare(stored, run.reports), run, {each.student for each in stored})
    return run


def _students(
    paths: Paths, assignment: str, submitted: Path, only: Sequence[str] | None
) -> list[str]:
    """Return whom to grade. Raises CourseError where nobody can be."""
    from autograder.authoring import is_stale
    from autograder.grading.intake import find_students

    if is_stale(paths, assignment):
        raise CourseError(
            "source/ and release/ are older than assignments/: what students got is not what would "
            "be graded. Run `autograder build` first."
        )
    return _choose(find_students(submitted, assignment), only, submitted, assignment)


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


def _say_where(workspace: Workspace, page: Path) -> None:
    """Print where pages and results are."""
    places = {
        "Class page": page,
        "Feedback pages": workspace.page("<student>"),
        "Marks": workspace.output / "marks.csv",
        "Results": workspace.output / "results",
    }
    for name, place in places.items():
        console.print(f"{name + ':':15} {place}", highlight=False, markup=False, soft_wrap=True)


def _choose(
    found: Sequence[str], only: Sequence[str] | None, submitted: Path, assignment: str
) -> list[str]:
    if not found:
        raise CourseError(
            f"No submissions: there is no folder {submitted}/<student>/{assignment}/. "
            "Put them there, or say where they are with --submitted."
        )
    unknown = sorted(set(only or ()) - set(found))
    if unknown:
        raise CourseError(
            f"No submission of {', '.join(unknown)} in {submitted}/<student>/{assignment}/."
        )
    return [name for name in found if not only or name in only]


@contextmanager
def _interruptible(
    said: str = "What was done is kept; the same command goes on from here.",
) -> Iterator[None]:
    """Say what Ctrl-C did; typer alone would leave without a word."""
    try:
        yield
    except KeyboardInterrupt:
        errors.print(f"Interrupted. {said}")
        raise SystemExit(130) from None


@contextmanager
def _progress(total: int, doing: str = "Grading") -> Iterator[Callable[[str], None]]:
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
def _stages() -> Iterator[Callable[[str, int, int], None]]:
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


def _add_mistake(
    paths: Paths, assignment: str, submitted: Path, student: str, question: str, name: str
) -> None:
    from autograder.grading import unexplained

    if not name:
        raise CourseError("How is the mistake to be called? Give --name.")
    place = unexplained.add(paths, assignment, submitted, student, question, name)
    console.print(
        f"Added {name} to {place}. Write its texts there, then run "
        f"`autograder mistakes {assignment} --prove --only {name}`.",
        highlight=False,
        soft_wrap=True,
    )


def _list_unexplained(paths: Paths, assignment: str, workspace: Workspace, submitted: Path) -> None:
    from autograder.grading import unexplained

    groups = unexplained.unexplained(paths, assignment, workspace, submitted)
    for line in unexplained.in_lines(groups):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    count = sum(len(group.students) for group in groups)
    console.print(f"{count} wrong results without a name, in {len(groups)} groups.")


def _prove(paths: Paths, assignment: str, only: str) -> bool:
    """Hand in the known mistakes and print what became of each; return whether all is well."""
    from autograder.authoring import write_caught
    from autograder.certify import prove, proven_from
    from autograder.sandbox import detect

    proofs = []
    source = proven_from(paths, assignment)
    wanted = prove(
        paths, assignment, detect(), chosen=lambda known: only in known.name + known.function
    )
    for proof in wanted:
        proofs.append(proof)
        console.print(proof.in_words, highlight=False, markup=False, soft_wrap=True)
    caught = sum(bool(proof.told) for proof in proofs)
    named = sum(proof.is_named_back for proof in proofs)
    console.print(f"{len(proofs)} known mistakes: {caught} caught, {named} told their name.")
    if not only:
        place = write_caught(paths, assignment, {p.mistake.name: p.told for p in proofs}, source)
        console.print(f"What catches them: {place}", highlight=False, soft_wrap=True)
    return caught == named == len(proofs)


def _fingerprint(paths: Paths, assignment: str) -> None:
    """Compute the fingerprints of the known mistakes, which are handed out with the next build."""
    from autograder.certify import fingerprint

    with _stages() as progress:
        place = fingerprint(paths, assignment, jobs=len(os.sched_getaffinity(0)), progress=progress)
    console.print(f"{place} is written; `autograder build` hands it out.", soft_wrap=True)


def _show_findings(findings: Findings) -> None:
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


def _show(run: ClassRun, assignment: Assignment) -> None:
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


def _show_changes(
    changes: Sequence[StudentChange], run: ClassRun, stored: AbstractSet[str]
) -> None:
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


def _find_course(given: Path | None) -> Paths:
    for folder in [given.resolve()] if given else [Path.cwd(), *Path.cwd().parents]:
        if (folder / "assignments").is_dir() and (folder / "nbgrader_config.py").is_file():
            return Paths(folder)
    where = given or "this folder or above it"
    raise CourseError(
        f"No course in {where}: it has a folder assignments/ and a file nbgrader_config.py. "
        "Change into the course folder or give --course."
    )


def _workspace(paths: Paths, assignment: str, output: Path | None) -> Workspace:
    from autograder.grading.store import Workspace

    if output:
        return Workspace.in_folder(output.resolve())
    return Workspace.of_course(paths.root, assignment)


def _must_exist(paths: Paths, assignment: str) -> None:
    from autograder.authoring import list_assignments

    known = list_assignments(paths)
    if assignment not in known:
        raise CourseError(f"There is no assignment {assignment!r}; there are {', '.join(known)}.")


if __name__ == "__main__":
    main()
