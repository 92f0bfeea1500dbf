"""One grading run of one assignment: the seed, the hidden inputs, the reference's values.

`prepare` runs every lesson once with the solved package, which gives the expected values; `grade`
runs it with a student's package and asks the judge. Both go through the same sandbox. Expected
values, labels and solutions stay in this process, which runs nothing of a student's.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.metadata import version

import numpy as np

from autograder.authoring import (
    authored_file,
    digest,
    handed_out_text,
    load_assignment,
    package_files,
    source_text,
)
from autograder.grading.anatomy import Anatomy
from autograder.grading.answers import Answers, find_answers
from autograder.grading.diagnosing import Explainer
from autograder.grading.examples import Examples, load_examples
from autograder.grading.follow_through import FollowThrough, Work
from autograder.grading.quotations import hidden_lines, without_quotations, without_secrets
from autograder.grading.sharing import Lessons
from autograder.grading.signatures import Signatures
from autograder.grading.staging import HIDDEN, cell_of, derive_seed, stage
from autograder.judge import Evidence, anomalies, judge_question, suspicions
from autograder.model import (
    Assignment,
    Cell,
    CourseError,
    Ending,
    ExecutedCell,
    HarnessError,
    Notebook,
    Outcome,
    Paths,
    Report,
    Result,
    Role,
    Run,
    Submission,
    Verdict,
    WrittenAnswer,
)
from autograder.sandbox import Sandbox

CUT_SHORT = {Ending.TIMEOUT, Ending.MEMORY, Ending.CRASH, Ending.SKIPPED}
STUB = re.compile(rb'raise NotImplementedError\("([\w.]+)"\)')


@dataclass
class Session:
    """What is fixed for all submissions of one grading run."""

    paths: Paths
    assignment: Assignment
    seed: int
    reference: dict[str, Run] = field(default_factory=dict)
    explains: bool = True  # finds out why questions failed, too
    _solved_lessons: Lessons = field(init=False, repr=False)
    _begun: list[Lessons] = field(default_factory=list, repr=False)
    _drawing: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _explaining: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self._solved_lessons = Lessons(
            {each.name: partial(self._run_solved, each) for each in self.assignment.notebooks}
        )

    @classmethod
    def open(cls, paths: Paths, assignment: str, seed: int) -> Session:
        """Load the assignment. Raises CourseError if the course can't be read."""
        return cls(paths, load_assignment(paths, assignment), seed)

    @cached_property
    def course_digest(self) -> str:
        """A fingerprint of all that the course's authors wrote."""
        return digest(self.paths)

    @cached_property
    def stubs(self) -> Mapping[str, bytes]:
        """The package as it is handed out."""
        return package_files(self.paths, self.assignment, solved=False)

    @cached_property
    def handed_out(self) -> Mapping[str, Mapping[str, str]]:
        """The text of each answer and written cell as it is handed out, by notebook and name."""
        return {
            notebook.name: {cell.id: handed_out_text(cell) for cell in _answer_cells(notebook)}
            for notebook in self.assignment.notebooks
        }

    @property
    def hidden_data(self) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Arrays and labels of this run, drawn by the course's own code in this trusted process."""
        with self._drawing:
            return self._hidden_data

    @cached_property
    def _hidden_data(self) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        drawn = {}
        for data in self.assignment.hidden_data:
            file, _, name = data.function.partition(":")
            place = authored_file(self.paths, self.assignment.name, file)
            spec = importlib.util.spec_from_file_location("hidden_data", place)
            if spec is None or spec.loader is None:
                raise CourseError(f"hidden_data.{data.name}: {place} is not a Python module.")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            drawn[data.name] = getattr(module, name)(
                data.count, derive_seed(self.seed, "hidden data", data.name)
            )
        return drawn

    @cached_property
    def solved(self) -> Mapping[str, bytes]:
        """The solved package, and the extra files that its authors would hand in."""
        solved = package_files(self.paths, self.assignment, solved=True)
        for name in self.assignment.extra_files:
            file = self.paths.assignments / self.assignment.name / name
            if file.is_file():
                solved[name] = file.read_bytes()
        return solved

    @cached_property
    def explainer(self) -> Explainer:
        """What finds out why questions failed, and keeps what it found about known mistakes."""
        steps = {
            cell.id: _steps_of(cell, self.reference[notebook.name])
            for notebook in self.assignment.notebooks
            for cell in notebook.having(Role.QUESTION)
        }
        anatomy = Anatomy.load(self.paths, self.assignment, self.solved)
        signatures = Signatures(self.assignment, self.solved, self.seed, self._inputs, steps)
        handed_out = {
            path: text.decode() for path, text in self.stubs.items() if path.endswith(".py")
        }
        for texts in self.handed_out.values():
            handed_out.update(texts)
        return Explainer(
            anatomy,
            signatures,
            FollowThrough(anatomy, signatures, handed_out),
            Examples(signatures, load_examples(self.paths, self.assignment)),
        )

    def prepare(self, sandbox: Sandbox) -> None:
        """Run the reference solution, once; threads that come at the same time share its lessons.

        Raises HarnessError if it fails.
        """
        if self.reference:
            return
        self.reference = self._solved_lessons.run(sandbox)

    def _run_solved(self, notebook: Notebook, sandbox: Sandbox) -> Run:
        answers = {cell.id: cell.source for cell in notebook.having(Role.ANSWER)}
        run = self._run(sandbox, notebook, self.solved, answers)
        _must_be_whole(notebook, run)
        return run

    def grade(self, submission: Submission, sandbox: Sandbox) -> Report:
        """Run a submission and judge it."""
        started = time.monotonic()
        package = {**self.stubs, **submission.files}
        asked_for = (*self.assignment.student_files, *self.assignment.extra_files)
        missing_files = [name for name in asked_for if name not in submission.files]
        absent = {name for path in missing_files for name in _stub_names(self.stubs.get(path))}
        absent.update(missing_files)
        notes = [*submission.notes, *(f"{path} was not handed in." for path in missing_files)]
        handed_in = [
            self._handed_in(submission, each, absent) for each in self.assignment.notebooks
        ]
        notes += [note for each in handed_in for note in each.answers.notes]
        played = self._play(handed_in, package, started, sandbox)
        results = [
            without_secrets(result, hidden_lines(each.notebook))
            for each in played
            for result in self._judge(each, package)
        ]
        if self.explains:
            results = self._explain(results, played, package, sandbox)
        written = [
            answer
            for each in played
            for answer in _written(each.notebook, each.answers, self.handed_out[each.notebook.name])
        ]
        executed = {each.notebook.name: tuple(_executed(each, results)) for each in played}
        runs = [each.run for each in played]
        late = self._late_seconds(submission)
        return Report(
            student=submission.student,
            assignment=self.assignment.name,
            results=tuple(results),
            written=tuple(written),
            notebooks=executed,
            notes=tuple(notes),
            flags=tuple(self._flags(submission, played)),
            timestamp=submission.timestamp,
            late_seconds=late,
            seed=self.seed,
            layers=tuple(dict.fromkeys(layer for run in runs for layer in run.layers)),
            course_digest=self.course_digest,
            submission_digest=submission_digest(submission),
            versions=versions(),
            cpu_seconds=sum(outcome.cpu_seconds for run in runs for outcome in run.outcomes),
            wall_seconds=time.monotonic() - started,
            cut_short=any(o.ending in CUT_SHORT for run in runs for o in run.outcomes),
        )

    def help(self, sandbox: Sandbox) -> None:
        """Run lessons of submissions that other threads are grading, until all are begun."""
        for lessons in tuple(self._begun):
            with suppress(Exception):  # the thread that grades the submission meets it too
                lessons.run(sandbox)

    def _handed_in(self, submission: Submission, notebook: Notebook, absent: set[str]) -> _HandedIn:
        handed_out = self.handed_out[notebook.name]
        answers = find_answers(submission.notebooks.get(notebook.name), notebook, handed_out)
        texts = {**handed_out, **answers.texts}
        return _HandedIn(notebook, answers, texts, absent | _absent_answers(handed_out, answers))

    def _play(
        self,
        handed_in: Sequence[_HandedIn],
        package: Mapping[str, bytes],
        started: float,
        sandbox: Sandbox,
    ) -> list[_Played]:
        """Run a submission's lessons, with the help of threads that have nothing else to do."""

        def play(lesson: _HandedIn, sandbox: Sandbox) -> Run:
            if time.monotonic() - started < self.assignment.limits.submission_wall_seconds:
                return self._run(sandbox, lesson.notebook, package, lesson.texts)
            return _skipped(self.reference[lesson.notebook.name])

        lessons = Lessons({each.notebook.name: partial(play, each) for each in handed_in})
        self._begun.append(lessons)
        try:
            runs = lessons.run(sandbox)
        finally:
            self._begun.remove(lessons)
        return [_Played(**vars(each), run=runs[each.notebook.name]) for each in handed_in]

    def _flags(self, submission: Submission, played: Sequence[_Played]) -> list[str]:
        """Say what an instructor had better look at."""
        modules = {n: data for n, data in submission.files.items() if n.endswith(".py")}
        sources = {name: source_text(data) for name, data in modules.items()}
        given = {name: source_text(self.stubs[name]) for name in modules}
        flags = list(submission.flags)
        for each in played:
            code = {cell.id for cell in each.notebook.having(Role.ANSWER)}
            sources |= {name: text for name, text in each.texts.items() if name in code}
            given |= self.handed_out[each.notebook.name]
            flags += anomalies(each.run.outcomes, self.reference[each.notebook.name].outcomes)
        return [*flags, *suspicions(sources, given)]

    def _run(
        self,
        sandbox: Sandbox,
        notebook: Notebook,
        package: Mapping[str, bytes],
        answers: Mapping[str, str],
    ) -> Run:
        return sandbox.run(
            stage(self.assignment, notebook, package, answers, self.seed, self._inputs)
        )

    @property
    def _inputs(self) -> Mapping[str, np.ndarray]:
        return _Inputs(self)

    def _judge(self, played: _Played, package: Mapping[str, bytes]) -> list[Result]:
        labels = next((labels for _, labels in self.hidden_data.values()), None)
        notebook, run = played.notebook, played.run
        results = []
        for cell in notebook.having(Role.QUESTION):
            position = next(i for i, outcome in enumerate(run.outcomes) if outcome.id == cell.id)
            evidence = Evidence(
                cell=cell,
                notebook=notebook.name,
                reference=_steps_of(cell, self.reference[notebook.name]),
                actual=_steps_of(cell, run),
                before=_not_questions(notebook, run.outcomes[:position]),
                missing=frozenset(played.missing),
                rules=[
                    (rule, package.get(rule.function.partition(":")[0], b""))
                    for rule in self.assignment.source_rules
                    if rule.question == cell.id
                ],
                labels=labels,
            )
            results.append(judge_question(evidence))
        return results

    def _explain(
        self,
        results: Sequence[Result],
        played: Sequence[_Played],
        package: Mapping[str, bytes],
        sandbox: Sandbox,
    ) -> list[Result]:
        if all(result.verdict is Verdict.PASS for result in results):
            return list(results)
        answers = {name: text for each in played for name, text in each.texts.items()}
        steps = {
            cell.id: _steps_of(cell, each.run)
            for each in played
            for cell in each.notebook.having(Role.QUESTION)
        }
        with self._explaining:
            explainer = self.explainer  # read by the first thread that needs it
        return explainer.explain(results, Work(package, answers, steps), sandbox)

    def _late_seconds(self, submission: Submission) -> float:
        due = self.assignment.due
        if due is None or submission.timestamp is None:
            return 0.0
        return max(0.0, (submission.timestamp - due).total_seconds())


class _Inputs(Mapping[str, np.ndarray]):
    """The hidden arrays by name: a lesson that asks for none needn't wait until they are drawn."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getitem__(self, name: str) -> np.ndarray:
        return self._session.hidden_data[name][0]

    def __iter__(self) -> Iterator[str]:
        return (data.name for data in self._session.assignment.hidden_data)

    def __len__(self) -> int:
        return len(self._session.assignment.hidden_data)


@dataclass(frozen=True)
class _HandedIn:
    """One lesson as a student handed it in; `missing` names what wasn't."""

    notebook: Notebook
    answers: Answers
    texts: Mapping[str, str]
    missing: set[str]


@dataclass(frozen=True)
class _Played(_HandedIn):
    """What became of it in the sandbox, too."""

    run: Run


def _steps_of(cell: Cell, run: Run) -> list[Outcome]:
    """Return what the visible and the hidden step of a question did."""
    return [outcome for outcome in run.outcomes if outcome.id in (cell.id, cell.id + HIDDEN)]


def _must_be_whole(notebook: Notebook, run: Run) -> None:
    """Raise HarnessError if the solved lesson fails: nothing could be judged by it."""
    for outcome in run.outcomes:
        if outcome.ending is not Ending.OK:
            failure = outcome.failure
            said = f"{failure.name}: {failure.message}" if failure else outcome.ending
            raise HarnessError(
                f"The solved course itself fails in {notebook.name}, cell {outcome.id}: {said}. "
                "Nothing was graded. Mend the lesson or the package in assignments/."
            )


def submission_digest(submission: Submission) -> str:
    """Return a fingerprint of everything that was taken from a submission."""
    hashed = hashlib.sha256()
    for name, content in sorted((*submission.files.items(), *submission.notebooks.items())):
        hashed.update(f"{name}\0{len(content)}\0".encode())
        hashed.update(content)
    told = (submission.timestamp, submission.notes, submission.flags)
    hashed.update(repr(told).encode())
    return hashed.hexdigest()


def versions() -> dict[str, str]:
    """Return what numbers may depend on."""
    return {
        "autograder": version("nn-from-scratch"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": platform.platform(),
    }


def _answer_cells(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.role in (Role.ANSWER, Role.WRITTEN)]


def _absent_answers(handed_out: Mapping[str, str], answers: Answers) -> set[str]:
    """Return the names of answer cells that weren't found, and of what they were to define."""
    absent = handed_out.keys() - answers.texts.keys()
    return absent.union(*(_stub_names(handed_out[name].encode()) for name in absent))


def _stub_names(stub: bytes | None) -> set[str]:
    return {name.decode() for name in STUB.findall(stub or b"")}


def _not_questions(notebook: Notebook, outcomes: Sequence[Outcome]) -> list[Outcome]:
    questions = {cell.id for cell in notebook.having(Role.QUESTION)}
    return [outcome for outcome in outcomes if cell_of(outcome.id) not in questions]


def _skipped(reference: Run) -> Run:
    return Run(tuple(Outcome(outcome.id, Ending.SKIPPED) for outcome in reference.outcomes))


def _written(
    notebook: Notebook, answers: Answers, handed_out: Mapping[str, str]
) -> list[WrittenAnswer]:
    return [
        WrittenAnswer(
            question=cell.id,
            notebook=notebook.name,
            max_points=cell.points,
            attempted=answers.texts.get(cell.id, "").strip()
            not in ("", handed_out[cell.id].strip()),
        )
        for cell in notebook.having(Role.WRITTEN)
    ]


def _executed(played: _Played, results: Sequence[Result]) -> Iterable[ExecutedCell]:
    outputs: dict[str, list[Mapping[str, object]]] = {}
    secrets = hidden_lines(played.notebook)
    for outcome in played.run.outcomes:
        if not outcome.id.endswith(HIDDEN):
            shown = (without_quotations(output, secrets) for output in outcome.outputs)
            outputs.setdefault(cell_of(outcome.id), []).extend(shown)
    by_question = {result.question: result for result in results}
    for cell in played.notebook.cells:
        yield ExecutedCell(
            cell=cell,
            source=played.texts.get(cell.id, cell.source),
            outputs=tuple(outputs.get(cell.id, ())),
            result=by_question.get(cell.id),
        )
