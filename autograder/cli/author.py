"""Commands for who writes a course: build, release, certify, mistakes."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.app import CourseOption, app, choose_workspace, find_course, must_exist
from autograder.cli.screen import console, errors, show_findings, stages
from autograder.model import CourseError, Paths

if TYPE_CHECKING:
    from autograder.grading.store import Workspace


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

    paths = find_course(course)
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

    paths = find_course(course)
    must_exist(paths, assignment)
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

    paths = find_course(course)
    is_good = True
    for name in assignment or authoring.list_assignments(paths):
        must_exist(paths, name)
        console.rule(name)
        started = time.monotonic()
        with stages() as progress:
            findings = certifying.certify(
                paths,
                name,
                detect(),
                jobs=jobs or len(os.sched_getaffinity(0)),
                only=only,
                sample=sample,
                progress=progress,
            )
        show_findings(findings)
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
    paths = find_course(course)
    must_exist(paths, assignment)
    folder = (submitted or paths.root / "submitted").resolve()
    if prove:
        if not _prove(paths, assignment, only):
            raise SystemExit(1)
    elif fingerprints:
        _fingerprint(paths, assignment)
    elif add:
        _add_mistake(paths, assignment, folder, *add, name)
    else:
        _list_unexplained(paths, assignment, choose_workspace(paths, assignment, output), folder)


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

    with stages() as progress:
        place = fingerprint(paths, assignment, jobs=len(os.sched_getaffinity(0)), progress=progress)
    console.print(f"{place} is written; `autograder build` hands it out.", soft_wrap=True)


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
