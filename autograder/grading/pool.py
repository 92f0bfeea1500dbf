"""Grades a class: worker threads with a sandbox each, and one writer.

Workers only wait for their sandboxes and judge; the thread that called `grade_class` is the one
writer of gradebook, notebooks and results. What is graded is kept at once, results last, so that a
run which is stopped at any moment goes on where it was.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading import store
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.intake import SECRET, take, take_secret
from autograder.grading.session import Session, submission_digest
from autograder.grading.store import Workspace
from autograder.model import CourseError, Report, Submission, Verdict
from autograder.sandbox import Isolation, Sandbox


@dataclass(frozen=True)
class Trouble:
    """A submission that could not be graded through our own fault."""

    student: str
    message: str


@dataclass
class ClassRun:
    """What a grading run did: reports by student, and our own trouble."""

    reports: dict[str, Report] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Did no fault of ours touch anybody's marks?"""
        harness = any(
            result.verdict is Verdict.HARNESS
            for report in self.reports.values()
            for result in report.results
        )
        return not self.troubles and not harness


def grade_class(
    session: Session,
    workspace: Workspace,
    submitted: Path,
    students: Sequence[str],
    isolation: Isolation,
    *,
    jobs: int = 1,
    force: bool = False,
    unsafe: bool = False,
    on_graded: Callable[[Report, bool], None] = lambda report, kept: None,
) -> ClassRun:
    """Grade `students` and store what was found.

    `on_graded` is told each report, and whether it was kept from an earlier run.

    Raises CourseError where nothing can be graded at all. KeyboardInterrupt ends the workers and is
    passed on; what was graded until then is kept.
    """
    run = ClassRun()
    with GradebookWriter(workspace.gradebook) as gradebook:
        gradebook.prepare(session.assignment, session.paths.source / session.assignment.name)
        workers = _Workers(session, workspace, submitted, isolation, force=force, unsafe=unsafe)
        for graded in workers.results(students, jobs):
            trouble = graded.trouble
            if graded.report and not graded.kept:
                trouble = _keep(graded, workspace, gradebook, session, submitted)
            elif (
                graded.report
                and gradebook.read_marks(graded.student, session.assignment.name) is None
            ):
                gradebook.write(graded.report)  # the gradebook was lost or is another one
            if trouble:
                workspace.result_file(graded.student).unlink(missing_ok=True)
                gradebook.withdraw(graded.student, session.assignment.name)
                run.troubles.append(Trouble(graded.student, trouble))
            elif graded.report:
                run.reports[graded.student] = graded.report
                on_graded(graded.report, graded.kept)
    return run


@dataclass(frozen=True)
class _Graded:
    """What a worker made of one student: a report, new or kept from before, or trouble."""

    student: str
    report: Report | None = None
    submission: Submission | None = None
    kept: bool = False
    trouble: str = ""


class _Workers:
    """Threads that take one student after the other; what they find is read by one thread."""

    def __init__(
        self,
        session: Session,
        workspace: Workspace,
        submitted: Path,
        isolation: Isolation,
        *,
        force: bool,
        unsafe: bool,
    ) -> None:
        self._session = session
        self._workspace = workspace
        self._submitted = submitted
        self._isolation = isolation
        self._force = force
        self._unsafe = unsafe
        self._stop = threading.Event()
        self._preparing = threading.Lock()

    def results(self, students: Sequence[str], jobs: int) -> Iterator[_Graded]:
        """Yield what became of each student, as it is done."""
        waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for student in students:
            waiting.put(student)
        # Bounded, so that a slow disk slows the workers down instead of filling the memory.
        done: queue.Queue[_Graded | BaseException] = queue.Queue(maxsize=2 * jobs)
        threads = [
            threading.Thread(target=self._work, args=(waiting, done), daemon=True)
            for _ in range(min(jobs, len(students)))
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in students:
                graded = done.get()
                if isinstance(graded, BaseException):
                    raise graded
                yield graded
        finally:
            self._stop.set()
            _drain(done, threads)

    def _work(
        self, waiting: queue.SimpleQueue[str], done: queue.Queue[_Graded | BaseException]
    ) -> None:
        try:
            with Sandbox(self._isolation, unsafe=self._unsafe) as sandbox:
                while not self._stop.is_set():
                    try:
                        student = waiting.get_nowait()
                    except queue.Empty:
                        return
                    done.put(self._one(student, sandbox))
        except BaseException as problem:
            done.put(problem)

    def _one(self, student: str, sandbox: Sandbox) -> _Graded:
        try:
            submission = take(self._submitted, student, self._session.assignment)
            kept = None if self._force else self._stored(submission)
            if kept:
                return _Graded(student, kept, kept=True)
            with self._preparing:
                self._session.prepare(sandbox)
            return _Graded(student, self._session.grade(submission, sandbox), submission)
        except CourseError:
            raise
        except Exception as problem:
            return _Graded(student, trouble=_say(problem))

    def _stored(self, submission: Submission) -> Report | None:
        """Return the report of the same submission, course and seed, if one is kept."""
        file = self._workspace.result_file(submission.student)
        notebooks = self._workspace.autograded / submission.student / submission.assignment
        if not (file.is_file() and notebooks.is_dir()):
            return None
        try:
            report = store.load(file)
        except (CourseError, KeyError, TypeError, ValueError):
            return None  # unreadable: grade again
        session = self._session
        key = (report.course_digest, report.seed, report.submission_digest)
        if key != (session.course_digest, session.seed, submission_digest(submission)):
            return None
        is_clean = all(result.verdict is not Verdict.HARNESS for result in report.results)
        return report if is_clean else None


def _keep(
    graded: _Graded,
    workspace: Workspace,
    gradebook: GradebookWriter,
    session: Session,
    submitted: Path,
) -> str:
    """Store a report; its results file comes last, since it says that all the rest is stored.

    Returns what went wrong, in words: trouble with one student touches no other.
    """
    if graded.report is None or graded.submission is None:
        return "nothing was graded"
    try:
        files = dict(graded.submission.files)
        secret = take_secret(submitted, graded.student, session.assignment)
        if secret is not None:
            files[SECRET] = secret
        workspace.result_file(graded.student).unlink(missing_ok=True)
        gradebook.write(graded.report)
        source = session.paths.source / session.assignment.name
        gradebook.write_autograded(graded.report, workspace.autograded, source, files)
        store.save(workspace, graded.report)
    except Exception as problem:
        return _say(problem)
    return ""


def _drain(done: queue.Queue[_Graded | BaseException], threads: Sequence[threading.Thread]) -> None:
    """Let workers that wait for room in the queue come to their end."""
    while any(thread.is_alive() for thread in threads):
        try:
            done.get(timeout=0.05)
        except queue.Empty:
            continue


def _say(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}"
