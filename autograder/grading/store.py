"""Keeps what a grading run found, as files: one JSON document a student, and the run's seed.

The documents are the truth about a run; pages and tables are made from them. docs/results.md
describes their schema. A file is either whole or not there: it is written beside and renamed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.model import (
    CourseError,
    Diagnosis,
    Example,
    NamedMistake,
    Report,
    Result,
    Verdict,
    WrittenAnswer,
)

SCHEMA = "autograder-results/2"
_TEMPORARY = ".unfinished-"  # begins the names of files that are being written


@dataclass(frozen=True)
class Workspace:
    """Where a grading run reads and writes.

    Without an output folder of its own, a run uses the course's: results and pages go to
    reports/<assignment>/, and nbgrader's gradebook.db and autograded/ lie in the root. (feedback/
    is nbgrader's own: generate_feedback skips whoever has a page there.)
    """

    output: Path
    gradebook: str  # a database URL
    autograded: Path

    @classmethod
    def of_course(cls, root: Path, assignment: str) -> Workspace:
        """Return the workspace that stock nbgrader shares."""
        return cls(
            output=root / "reports" / assignment,
            gradebook=f"sqlite:///{root / 'gradebook.db'}",
            autograded=root / "autograded",
        )

    @classmethod
    def in_folder(cls, output: Path) -> Workspace:
        """Return a workspace that keeps everything below one folder."""
        return cls(
            output=output,
            gradebook=f"sqlite:///{output / 'gradebook.db'}",
            autograded=output / "autograded",
        )

    @property
    def feedback(self) -> Path:
        """Where nbgrader's release_feedback takes pages from."""
        return self.autograded.parent / "feedback"

    def page(self, student: str) -> Path:
        """Return where the feedback page of `student` is."""
        return self.output / "pages" / f"{student}.html"

    def result_file(self, student: str) -> Path:
        """Return where the results of `student` are kept."""
        return self.output / "results" / f"{student}.json"


@contextmanager
def only_run(workspace: Workspace) -> Iterator[None]:
    """Keep other runs out of a workspace. Raises CourseError if there is one already."""
    workspace.output.mkdir(parents=True, exist_ok=True)
    with (workspace.output / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                f"Another `autograder grade` is writing to {workspace.output}. Wait until it has "
                "ended, or give this one another --output."
            ) from None
        for folder in (workspace.output, *workspace.output.glob("*/")):
            for leftover in folder.glob(f"{_TEMPORARY}*"):  # of a run that was killed
                leftover.unlink(missing_ok=True)
        yield


def choose_seed(workspace: Workspace, wanted: int | None, course: str, *, force: bool) -> int:
    """Return the seed of this run and store it.

    A class is graded with one seed: a run that goes on where another ended, or adds a late
    submission, uses the stored one. A changed course or `force` starts anew.
    """
    file = workspace.output / "run.json"
    stored = _read_json(file) if file.is_file() else {}
    keeps = (
        not force and stored.get("course_digest") == course and isinstance(stored.get("seed"), int)
    )
    seed = wanted if wanted is not None else stored["seed"] if keeps else secrets.randbits(63)
    write_atomically(
        file,
        json.dumps({"schema": SCHEMA, "seed": seed, "course_digest": course}, indent=1).encode(),
    )
    return int(seed)


def save(workspace: Workspace, report: Report) -> Path:
    """Store a report's results; the executed notebooks are kept in autograded/."""
    file = workspace.result_file(report.student)
    write_atomically(file, json.dumps(to_json(report), indent=1, ensure_ascii=False).encode())
    return file


def forget(workspace: Workspace, student: str) -> None:
    """Remove the results and the page of a student, which are about to be made anew."""
    for file in (workspace.result_file(student), workspace.page(student)):
        file.unlink(missing_ok=True)


def to_json(report: Report) -> dict[str, Any]:
    """Return the documented form of a report."""
    return {
        "schema": SCHEMA,
        "student": report.student,
        "assignment": report.assignment,
        "points": report.points,
        "max_points": report.max_points,
        "questions": [asdict(result) for result in report.results],
        "written": [asdict(answer) for answer in report.written],
        "notes": list(report.notes),
        "flags": list(report.flags),
        "timestamp": report.timestamp.isoformat() if report.timestamp else None,
        "late_seconds": report.late_seconds,
        "isolation": list(report.layers),
        "seed": report.seed,
        "course_digest": report.course_digest,
        "submission_digest": report.submission_digest,
        "versions": dict(report.versions),
        "cpu_seconds": round(report.cpu_seconds, 3),
        "wall_seconds": round(report.wall_seconds, 3),
    }


def load(file: Path) -> Report:
    """Read a stored report, without its notebooks. Raises CourseError if it can't be used."""
    document = _read_json(file)
    if document.get("schema") != SCHEMA:
        raise CourseError(f"{file} is not a results file of this version; grade with --force.")
    return Report(
        student=document["student"],
        assignment=document["assignment"],
        results=tuple(_result(row) for row in document["questions"]),
        written=tuple(WrittenAnswer(**row) for row in document["written"]),
        notebooks={},
        notes=tuple(document["notes"]),
        flags=tuple(document["flags"]),
        timestamp=datetime.fromisoformat(document["timestamp"]) if document["timestamp"] else None,
        late_seconds=document["late_seconds"],
        seed=document["seed"],
        layers=tuple(document["isolation"]),
        course_digest=document["course_digest"],
        submission_digest=document["submission_digest"],
        versions=document["versions"],
        cpu_seconds=document["cpu_seconds"],
        wall_seconds=document["wall_seconds"],
    )


def write_atomically(file: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, whatever happens."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=_TEMPORARY)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _result(row: Mapping[str, Any]) -> Result:
    diagnosis = row["diagnosis"]
    if diagnosis:
        example = diagnosis["example"]
        diagnosis = Diagnosis(
            mistakes=tuple(
                tuple(NamedMistake(**mistake) for mistake in together)
                for together in diagnosis["mistakes"]
            ),
            difference=diagnosis["difference"],
            example=Example(**example) if example else None,
        )
    return Result(
        **{
            **row,
            "verdict": Verdict(row["verdict"]),
            "diagnosis": diagnosis,
            "given": tuple(row["given"]),
        }
    )


def _read_json(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError) as problem:
        raise CourseError(
            f"{file} can't be read ({problem}); remove it or grade with --force."
        ) from problem
    if not isinstance(document, dict):
        raise CourseError(f"{file} is damaged; remove it or grade with --force.")
    return document
