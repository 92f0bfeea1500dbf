"""The words that the rooms share: what crosses a border between two of them is one of these.

An `Assignment` is a list of `Notebook`s, a notebook a list of `Cell`s. A notebook is staged into
a `Program` of `Step`s, which the sandbox runs; what comes out is one `Outcome` a step. The judge
turns outcomes into one `Result` a question, and a `Submission`'s results are a `Report`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np


class CourseError(Exception):
    """Something a person has to mend; the message says what, in which file, and what to do next."""


class HarnessError(CourseError):
    """The grader or the solved course itself failed; nobody's marks may suffer from it."""


class Role(StrEnum):
    """What a cell of a lesson is for."""

    TEXT = "text"  # markdown that everybody reads
    SETUP = "setup"  # given code, run in grading
    EXPLORE = "explore"  # given code, not run in grading: long training, browsing
    ANSWER = "answer"  # code that students write
    QUESTION = "question"  # a check with points
    WRITTEN = "written"  # an answer in words, marked by a person


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson.

    `id` is the name of the question, answer or written question, else "cell-NN".
    `hidden` is the part of a question cell that students never see.
    """

    id: str
    role: Role
    source: str
    hidden: str = ""
    points: float = 0
    bonus: float = 0  # points beyond the maximum that a question can earn


@dataclass(frozen=True)
class Notebook:
    """A lesson: `name` is its file's name without a suffix."""

    name: str
    cells: tuple[Cell, ...]

    def having(self, role: Role) -> tuple[Cell, ...]:
        """Return the cells with this role, in order."""
        return tuple(cell for cell in self.cells if cell.role is role)


@dataclass(frozen=True)
class SourceRule:
    """What the text of one function must look like, decided on its syntax tree.

    `function` is "path/of/module.py:Class.method" or "path/of/module.py:function".
    """

    question: str
    function: str
    loops: bool = True  # may the function loop in Python?
    forbidden: tuple[str, ...] = ()  # dotted names that it may not use, such as "np.linalg.norm"


@dataclass(frozen=True)
class HiddenData:
    """Arrays of which only the judge knows the labels: `probe.input(name)` in a hidden part.

    `function` is "path/of/module.py:function", called as function(count, seed); it returns
    (arrays, labels).
    """

    name: str
    function: str
    count: int


@dataclass(frozen=True)
class Limits:
    """What one step, one notebook and one submission may use."""

    step_cpu_seconds: float = 20
    step_wall_seconds: float = 60
    notebook_cpu_seconds: float = 120
    notebook_wall_seconds: float = 300
    submission_wall_seconds: float = 900
    memory_bytes: int = 4 << 30
    scratch_bytes: int = 256 << 20
    output_bytes: int = 1 << 20  # text and pictures, per step
    value_bytes: int = 64 << 20  # what probes hand out, per step


@dataclass(frozen=True)
class Assignment:
    """An assignment as authored.

    Paths are relative to the assignment's folder, with forward slashes.
    """

    name: str
    title: str
    notebooks: tuple[Notebook, ...]
    student_files: tuple[str, ...]  # modules that students edit; handed out as stubs
    given_files: tuple[str, ...]  # modules and data that students only read
    extra_files: tuple[str, ...] = ()  # what students hand in besides, such as trained weights
    source_rules: tuple[SourceRule, ...] = ()
    hidden_data: tuple[HiddenData, ...] = ()
    limits: Limits = field(default_factory=Limits)
    due: datetime | None = None
    follow_through: float = 1.0  # share of the points for what is right given other functions


@dataclass(frozen=True)
class Step:
    """One piece of code to run.

    A step with a `question` finds `probe` and `assert_close` bound to that question. Steps with
    `replay` set are run again when a crash makes a fresh process necessary. `seed` feeds
    `probe.rng()`. `inputs` are the arrays that `probe.input(name)` returns in this step. `code` is
    what `sandbox.compiled` makes of a source that is the same for a class.
    """

    id: str
    source: str
    question: str | None = None
    replay: bool = False
    seed: int = 0
    inputs: Mapping[str, np.ndarray] = field(default_factory=dict)
    code: bytes = b""


@dataclass(frozen=True)
class Program:
    """What the sandbox runs: the files of the working folder, and steps in their order."""

    files: Mapping[str, bytes]
    steps: tuple[Step, ...]
    limits: Limits = field(default_factory=Limits)


class Ending(StrEnum):
    """How a step ended."""

    OK = "ok"
    ERROR = "error"  # an exception
    MEMORY = "memory"  # MemoryError, or killed for its use of memory
    TIMEOUT = "timeout"
    CRASH = "crash"  # the interpreter died, or left with exit()
    SKIPPED = "skipped"  # the notebook's or the submission's limit was used up before
    BROKEN = "broken"  # the sandbox itself failed: never the student's fault


@dataclass(frozen=True)
class Failure:
    """An exception of a step: `file` and `line` say where in the student's files it arose."""

    name: str
    message: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Foreign:
    """A probed value that is neither numbers nor text: only its description leaves the sandbox."""

    description: str


Value = np.ndarray | str | None | Foreign


@dataclass(frozen=True)
class Probe:
    """One value that a step handed out, and how to compare it.

    `comparison` holds one of "rel_error", "abs_error", "exact" or "accuracy", and perhaps "share"
    (of the question's points) or "bonus". Only the reference run's comparison counts.
    """

    name: str
    value: Value
    comparison: Mapping[str, float]
    visible: bool = False  # handed out by assert_close in the part that students see


@dataclass(frozen=True)
class Outcome:
    """What one step did. `outputs` are nbformat output dictionaries, plain text and PNG only."""

    id: str
    ending: Ending
    outputs: tuple[Mapping[str, Any], ...] = ()
    probes: tuple[Probe, ...] = ()
    failure: Failure | None = None
    cpu_seconds: float = 0
    wall_seconds: float = 0


@dataclass(frozen=True)
class Run:
    """What a program did: an outcome a step in their order, and the walls that stood around it."""

    outcomes: tuple[Outcome, ...]
    layers: tuple[str, ...] = ()
    peak_memory_bytes: int = 0


class Verdict(StrEnum):
    """What is said of a question; there are no others."""

    PASS = "PASS"  # noqa: S105 - not a password
    WRONG = "WRONG"
    ERROR = "ERROR"
    TIMEOUT = "TIMEOUT"
    MEMORY = "MEMORY"
    CRASH = "CRASH"
    NOT_ATTEMPTED = "NOT_ATTEMPTED"
    MISSING = "MISSING"
    HARNESS = "HARNESS"


@dataclass(frozen=True)
class Mistake:
    """A mistake that people are known to make: a wrong program, and what to say about it.

    `texts` take the place of solved modules, by path, or of answers, by name. `function` is where
    it stands, as source rules name it. `hints` help more and more and give no answer away.
    """

    name: str
    function: str
    diagnosis: str
    explanation: str
    hints: tuple[str, ...]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class NamedMistake:
    """What a student is told of a known mistake."""

    name: str
    diagnosis: str
    explanation: str


@dataclass(frozen=True)
class Example:
    """A small input on which a program is wrong, as text: the call, what it gave, what is right."""

    call: str
    got: str
    expected: str


@dataclass(frozen=True)
class Diagnosis:
    """What is known of why a question is wrong.

    Each entry of `mistakes` explains all that is wrong, by one mistake or by several at once;
    where there is more than one entry, they can't be told apart. `difference` describes the values
    where no mistake is known that gives them.
    """

    mistakes: tuple[tuple[NamedMistake, ...], ...] = ()
    difference: str = ""
    example: Example | None = None


@dataclass(frozen=True)
class Result:
    """The verdict on one question.

    `message` is for the student. It may show one number of a hidden probe: inputs are drawn anew
    for each class, so that it helps to understand the mistake and is of no other use.

    `follow_through` are those of the `points` that were earned with the functions in `given`
    replaced by right ones, since they were wrong and have their own questions. `behaviour` is a
    fingerprint of what no known mistake explains: equal ones are wrong alike.
    """

    question: str
    notebook: str
    points: float
    max_points: float
    verdict: Verdict
    message: str = ""
    bonus: float = 0
    cpu_seconds: float = 0
    diagnosis: Diagnosis | None = None
    follow_through: float = 0
    given: tuple[str, ...] = ()
    behaviour: str = ""


@dataclass(frozen=True)
class Submission:
    """What intake took of one student's folder.

    `files` are the student's modules and extra files by path, `notebooks` the bytes of the notebook
    files by name. `notes` say, for people, what was left out or looked odd; `flags` are for
    the instructor only.
    """

    student: str
    assignment: str
    files: Mapping[str, bytes]
    notebooks: Mapping[str, bytes]
    timestamp: datetime | None = None
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer in words that waits for a person; an untouched one gets 0 by itself."""

    question: str
    notebook: str
    max_points: float
    attempted: bool


@dataclass(frozen=True)
class ExecutedCell:
    """A cell of a graded notebook: what stood in it and what it put out.

    `source` is the student's text in answer and written cells, else the course's, without the
    hidden part; `result` is set in question cells.
    """

    cell: Cell
    source: str
    outputs: tuple[Mapping[str, Any], ...] = ()
    result: Result | None = None


@dataclass(frozen=True)
class Report:
    """All that is known of one graded submission; what pages and the gradebook are made from.

    `notes` are for everybody; `flags` say, for the instructor only, what had better be looked at.
    """

    student: str
    assignment: str
    results: tuple[Result, ...]
    written: tuple[WrittenAnswer, ...]
    notebooks: Mapping[str, tuple[ExecutedCell, ...]]
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    timestamp: datetime | None = None
    late_seconds: float = 0
    seed: int = 0
    layers: tuple[str, ...] = ()
    course_digest: str = ""
    submission_digest: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    cpu_seconds: float = 0
    wall_seconds: float = 0
    cut_short: bool = False  # a cell reached a limit or its process died; a busy machine may be why

    @property
    def points(self) -> float:
        """Points earned so far, written answers not counted, bonus included."""
        return sum(result.points + result.bonus for result in self.results)

    @property
    def max_points(self) -> float:
        """Points that the questions marked by machine are worth."""
        return sum(result.max_points for result in self.results)


@dataclass(frozen=True)
class Paths:
    """Where one course lives: `root` holds assignments/, source/ and release/."""

    root: Path

    @property
    def assignments(self) -> Path:
        """What people write."""
        return self.root / "assignments"

    @property
    def source(self) -> Path:
        """What the build makes for nbgrader and for staging."""
        return self.root / "source"

    @property
    def release(self) -> Path:
        """What the build makes for students."""
        return self.root / "release"
