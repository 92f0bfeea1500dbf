"""Grades a class: worker threads with a sandbox each, and one writer.

Workers only wait for their sandboxes and judge; the thread that called `grade_class` is the one
writer of gradebook, notebooks and results. What is graded is kept at once, results last, so that a
run which is stopped at any moment goes on where it was.

A cell that reaches a limit, or whose process dies, may be the victim of a busy machine. Such a
submission is graded again when all others are done, by one worker alone, and only that counts.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from autograder.grading import store
from autograder.grading.gradebook import GradebookWriter, find_graded, import_nbgrader
from autograder.grading.intake import SECRET, take, take_secret
from autograder.grading.session import Session, submission_digest
from autograder.grading.store import Workspace
from autograder.model import CourseError, HarnessError, Report, Submission, Verdict
from autograder.sandbox import Sandbox


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
    sandbox: Sandbox,
    *,
    jobs: int = 1,
    force: bool = False,
    on_graded: Callable[[Report, bool], None] = lambda report, kept: None,
) -> ClassRun:
    """Grade `students`, each in forks of `sandbox`, and store what was found.

    `on_graded` is told each report, and whether it was kept from an earlier run. Only there does a
    report have its notebooks: those of a whole class would fill the memory.

    Raises CourseError where nothing can be graded at all. KeyboardInterrupt ends the workers and
    closes the sandbox, and is passed on; what was graded until then is kept.
    """
    run = ClassRun()
    uncertain: list[str] = []
    known = find_graded(workspace.gradebook, session.assignment.name)
    workers = _Workers(
        session,
        workspace,
        submitted,
        sandbox,
        known=frozenset() if force else known,
    )
    with ExitStack() as stack:
        stack.callback(workers.close)
        if any(student not in workers.known for student in students):
            sandbox.start()
            threading.Thread(target=_get_ready, args=[session], daemon=True).start()  # meanwhile
        keeper = stack.enter_context(_Keeper(session, workspace, submitted))
        for alone in (False, True):
            queued = uncertain if alone else students
            results = workers.results(queued, 1 if alone else jobs, alone=alone)
            for graded in stack.enter_context(closing(results)):
                if graded.uncertain:
                    uncertain.append(graded.student)
                    continue
                trouble = graded.trouble or keeper.keep(graded)
                if trouble or graded.report is None:
                    keeper.withdraw(graded.student)
                    run.troubles.append(Trouble(graded.student, trouble))
                    continue
                run.reports[graded.student] = replace(graded.report, notebooks={})
                on_graded(graded.report, graded.submission is None)
    return run


@dataclass(frozen=True)
class _Graded:
    """What a worker made of one student: a report, trouble, or the wish to try again alone.

    Without a `submission`, the report is one that was kept from an earlier run.
    """

    student: str
    report: Report | None = None
    submission: Submission | None = None
    uncertain: bool = False
    trouble: str = ""


class _Workers:
    """Threads that take one student after the other; what they find is read by one thread.

    They fork from one warm process, started by the thread that reads: it would end with its maker.
    `known` are the students whose stored results may be kept.
    """

    def __init__(
        self,
        session: Session,
        workspace: Workspace,
        submitted: Path,
        sandbox: Sandbox,
        *,
        known: frozenset[str],
    ) -> None:
        self._session = session
        self._workspace = workspace
        self._submitted = submitted
        self.known = known
        self._stop = threading.Event()
        self._first = sandbox
        self._sandboxes: list[Sandbox] = []

    def close(self) -> None:
        """End all processes; nobody waits for an endless loop to reach its limit."""
        for sandbox in (*self._sandboxes, self._first):
            sandbox.close()

    def results(
        self, students: Sequence[str], jobs: int, *, alone: bool
    ) -> Generator[_Graded, None, None]:
        """Yield what became of each student, as it is done.

        Unless it is `alone`, a submission that was cut short is uncertain.
        """
        waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for student in students:
            waiting.put(student)
        # Bounded, so that a slow disk slows the workers down instead of filling the memory.
        done: queue.Queue[_Graded | BaseException] = queue.Queue(maxsize=2 * jobs)
        threads = [
            threading.Thread(target=self._work, args=(waiting, done, alone), daemon=True)
            for _ in range(min(jobs, len(students)))
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in students:
                yield _unless_raised(done.get())
        except BaseException:
            self._stop.set()
            self.close()
            raise
        finally:
            _drain(done, threads)

    def _work(
        self,
        waiting: queue.SimpleQueue[str],
        done: queue.Queue[_Graded | BaseException],
        alone: bool,
    ) -> None:
        try:
            with self._first.beside() as sandbox:
                self._sandboxes.append(sandbox)
                while not self._stop.is_set():
                    try:
                        student = waiting.get_nowait()
                    except queue.Empty:
                        self._session.help(sandbox)  # the last ones to be graded
                        return
                    done.put(self._one(student, sandbox, alone))
        except BaseException as problem:
            done.put(problem)

    def _one(self, student: str, sandbox: Sandbox, alone: bool) -> _Graded:
        try:
            submission = take(self._submitted, student, self._session.assignment)
            kept = self._stored(submission)
            if kept:
                return _Graded(student, kept)
            self._prepare(sandbox)
            report = self._session.grade(submission, sandbox)
            if report.cut_short and not alone:
                return _Graded(student, uncertain=True)
            return _Graded(student, report, submission)
        except CourseError:
            raise
        except Exception as problem:
            return _Graded(student, trouble=_say(problem))

    def _prepare(self, sandbox: Sandbox) -> None:
        """Run the reference solution; workers that come at the same time share its lessons."""
        try:
            self._session.prepare(sandbox)
        except HarnessError:
            self._session.prepare(sandbox)  # a busy machine may be why

    def _stored(self, submission: Submission) -> Report | None:
        """Return the report of the same submission, course and seed, if one is kept."""
        if submission.student not in self.known:
            return None
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


class _Keeper:
    """Stores what was found; a context manager.

    The gradebook is opened when there is something to write: nbgrader is slow to import, and
    meanwhile the first submissions run.
    """

    def __init__(self, session: Session, workspace: Workspace, submitted: Path) -> None:
        self._session = session
        self._workspace = workspace
        self._submitted = submitted
        self._source = session.paths.source / session.assignment.name
        self._open = ExitStack()

    def __enter__(self) -> _Keeper:
        return self

    def __exit__(self, *problem: object) -> None:
        self._open.close()

    @cached_property
    def _gradebook(self) -> GradebookWriter:
        gradebook = self._open.enter_context(GradebookWriter(self._workspace.gradebook))
        gradebook.prepare(self._session.assignment, self._source)
        return gradebook

    def keep(self, graded: _Graded) -> str:
        """Store a new report; its results file comes last, since it says that the rest is stored.

        Returns what went wrong, in words: trouble with one student touches no other.
        """
        report, submission = graded.report, graded.submission
        if report is None or submission is None:
            return ""
        gradebook = self._gradebook
        try:
            files = dict(submission.files)
            secret = take_secret(self._submitted, graded.student, self._session.assignment)
            if secret is not None:
                files[SECRET] = secret
            store.forget(self._workspace, graded.student)
            gradebook.write(report)
            gradebook.write_autograded(report, self._workspace.autograded, self._source, files)
            store.save(self._workspace, report)
        except Exception as problem:
            return _say(problem)
        return ""

    def withdraw(self, student: str) -> None:
        """Take back what an earlier run found."""
        store.forget(self._workspace, student)
        self._gradebook.withdraw(student, self._session.assignment.name)


def _get_ready(session: Session) -> None:
    """Do what takes long, in the order in which it is needed."""
    with suppress(Exception):  # who needs it meets what is wrong
        session.hidden_data  # noqa: B018 - drawn
        import_nbgrader()


def _unless_raised(graded: _Graded | BaseException) -> _Graded:
    if isinstance(graded, BaseException):
        raise graded
    return graded


def _drain(done: queue.Queue[_Graded | BaseException], threads: Sequence[threading.Thread]) -> None:
    """Let workers that wait for room in the queue come to their end."""
    while any(thread.is_alive() for thread in threads):
        try:
            done.get(timeout=0.05)
        except queue.Empty:
            continue


def _say(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}"
