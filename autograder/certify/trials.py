"""Hands in wrong and right programs, and says by which question each is caught.

A program is the solved course with some texts replaced. It goes the way of a submission: staged,
run in the sandbox, judged. Two things are left out, since they change no verdict: questions that
can't reach what was replaced, and setup cells whose names no remaining question uses (pictures,
mostly). Before that is relied on, the solved course itself is run so and must pass.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from autograder.authoring import Target, find_targets, load_assignment
from autograder.certify.dependencies import deciding_modules, dependencies
from autograder.certify.store import Found, Store
from autograder.grading.excerpts import asking, without_questions
from autograder.grading.session import Session
from autograder.grading.staging import HIDDEN
from autograder.judge import Expected, compare
from autograder.model import (
    Assignment,
    Ending,
    HarnessError,
    Limits,
    Notebook,
    Outcome,
    Paths,
    Program,
    Role,
    Run,
    Submission,
    Verdict,
)
from autograder.sandbox import Isolation, Sandbox
from autograder.sandbox.runner import OnStep

SEED = 231 << 100  # of the hidden inputs; always the same, so that a certificate can be repeated


class RecordingSandbox(Sandbox):
    """Keeps the runs, from which one sees which part of a question failed."""

    runs: list[Run]

    def __enter__(self) -> RecordingSandbox:
        self.runs = []
        return self

    def run(self, program: Program, on_step: OnStep | None = None) -> Run:
        """Run a program and keep what it did."""
        run = super().run(program, on_step)
        self.runs.append(run)
        return run


Texts = Mapping[str, str]  # by module's path or answer's name, in place of the solved ones


class Trials:
    """The solved course of one assignment, ready to have parts of it replaced."""

    def __init__(self, paths: Paths, name: str, seed: int = SEED) -> None:
        whole = load_assignment(paths, name)
        self.paths = paths
        self.needs = _files_read(whole)
        absent = {
            file for file in whole.extra_files if not (paths.assignments / name / file).is_file()
        }
        self.assignment = without_questions(
            whole, [question for question, files in self.needs.items() if absent & set(files)]
        )
        self.session = Session(paths, self.assignment, seed, explains=False)
        self.solved = self.session.solved
        self.targets = find_targets(paths, self.assignment)
        self._sessions: dict[frozenset[str], Session] = {}
        self._lock = threading.Lock()

    @property
    def questions(self) -> list[str]:
        """Names of the questions that can be asked, in order."""
        return [
            cell.id
            for notebook in self.assignment.notebooks
            for cell in notebook.having(Role.QUESTION)
        ]

    def prepare(self, sandbox: Sandbox) -> None:
        """Run the solved course and set the limits by what it needs."""
        self.session.hidden_data  # noqa: B018 - drawn once, before copies are made
        self.session.stubs  # noqa: B018 - before anybody edits what was read above
        self.session.prepare(sandbox)
        self.session.assignment = dataclasses.replace(
            self.assignment, limits=_limits(self.assignment.limits, self.session.reference)
        )

    def hand_in(
        self, sandbox: RecordingSandbox, texts: Texts, questions: Iterable[str] | None = None
    ) -> dict[str, str]:
        """Run a program; return what caught it, by question."""
        session = self._session(frozenset(questions or self.questions), sandbox)
        return self._hand_in(session, sandbox, texts)

    def key(self, texts: Texts, questions: Iterable[str], ignored: Iterable[Target] = ()) -> str:
        """Return a digest of all that `hand_in` depends on; not on functions that are `ignored`."""
        asked = asking(self.assignment, frozenset(questions), is_slim=False)
        cells = [
            [cell.id, cell.role, cell.source, cell.hidden]
            for notebook in asked.notebooks
            for cell in notebook.cells
            if cell.role in (Role.SETUP, Role.ANSWER, Role.QUESTION)
        ]
        rules = [repr(rule) for rule in asked.source_rules if rule.question in set(questions)]
        code = dependencies(
            {name: content for name, content in self.solved.items() if name not in texts},
            [("", "\n".join(cell[2:])) for cell in cells] + list(texts.items()),
            {(target.file, target.name) for target in ignored},
        )
        parts = [self.assignment.name, self.session.seed, cells, rules, sorted(texts.items()), code]
        return hashlib.sha256((json.dumps(parts) + _judge_digest()).encode()).hexdigest()

    def _session(self, questions: frozenset[str], sandbox: RecordingSandbox) -> Session:
        """Return a session that asks some questions only, once the solved course passed it."""
        with self._lock:
            if questions not in self._sessions:
                session = copy.copy(self.session)
                for is_slim in (True, False):
                    session.assignment = asking(self.session.assignment, questions, is_slim)
                    if questions == set(self.questions):  # right programs may be slow
                        session.assignment = dataclasses.replace(
                            session.assignment, limits=self.assignment.limits
                        )
                    caught = self._hand_in(session, sandbox, {})
                    if not caught:
                        break
                else:
                    raise HarnessError(
                        f"The solved course fails by itself in {', '.join(sorted(caught))}."
                    )
                self._sessions[questions] = session
            return self._sessions[questions]

    def _hand_in(self, session: Session, sandbox: RecordingSandbox, texts: Texts) -> dict[str, str]:
        sandbox.runs = []
        report = session.grade(self.submission(session.assignment, texts), sandbox)
        actual = {outcome.id: outcome for run in sandbox.runs for outcome in run.outcomes}
        expected = {o.id: o for run in self.session.reference.values() for o in run.outcomes}
        caught = {}
        for result in report.results:
            if result.verdict is Verdict.HARNESS:
                raise HarnessError(f"{result.question}: {result.message}")
            if result.verdict is not Verdict.PASS:
                visible, hidden = (
                    _differs(expected[each], actual[each])
                    for each in (result.question, result.question + HIDDEN)
                )
                caught[result.question] = _word(visible=visible, hidden=hidden)
        return caught

    def submission(self, assignment: Assignment, texts: Texts) -> Submission:
        """Return the solved course with some texts replaced, as a student would hand it in."""
        files = {
            path: texts[path].encode() if path in texts else self.solved[path]
            for path in (*assignment.student_files, *assignment.extra_files)
            if path in texts or path in self.solved
        }
        notebooks = {
            notebook.name: _notebook_bytes(notebook, texts) for notebook in assignment.notebooks
        }
        return Submission("certify", assignment.name, files, notebooks)


def texts_of(target: Target, text: str) -> Texts:
    """Return what to hand in so that `text` takes the place of a target's module or cell."""
    return {target.cell or target.file: text}


def run_all(
    trials: Trials,
    programs: Sequence[tuple[Texts, frozenset[str]]],
    isolation: Isolation,
    store: Store,
    *,
    jobs: int,
    ignored: Callable[[frozenset[str]], Iterable[Target]] = lambda questions: (),
    on_done: Callable[[int], None] = lambda number: None,
) -> list[Found]:
    """Hand in programs, each to its questions; return what caught each, in their order.

    Results come from `store` where they are known, and go there. `ignored` says which functions
    some questions don't reach.
    """
    found: dict[int, Found] = {}
    waiting: list[int] = []
    keys = [trials.key(texts, asked, ignored(asked)) for texts, asked in programs]
    for number, key in enumerate(keys):
        known = store.get(key)
        if known is None:
            waiting.append(number)
        else:
            found[number] = known
            on_done(number)
    for number, caught in _work(trials, programs, waiting, isolation, jobs):
        store.add(keys[number], caught)
        found[number] = caught
        on_done(number)
    return [found[number] for number in range(len(programs))]


def _work(
    trials: Trials,
    programs: Sequence[tuple[Texts, frozenset[str]]],
    numbers: Sequence[int],
    isolation: Isolation,
    jobs: int,
) -> Iterator[tuple[int, Found]]:
    """Yield results as they are done, from threads with a sandbox each."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in numbers:
        waiting.put(number)
    done: queue.SimpleQueue[tuple[int, Found] | BaseException] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        try:
            with RecordingSandbox(isolation) as sandbox:
                while not stop.is_set():
                    try:
                        number = waiting.get_nowait()
                    except queue.Empty:
                        return
                    texts, questions = programs[number]
                    done.put((number, trials.hand_in(sandbox, texts, questions)))
        except BaseException as problem:
            done.put(problem)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(jobs, len(numbers)))]
    for thread in threads:
        thread.start()
    try:
        for _ in numbers:
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _differs(expected: Outcome, actual: Outcome) -> bool:
    """Say whether a step shows by itself that something is wrong."""
    if actual.ending is not Ending.OK:
        return True
    values = {probe.name: probe.value for probe in actual.probes}
    for probe in expected.probes:
        if "accuracy" in probe.comparison:
            continue
        if probe.name not in values or compare(values[probe.name], Expected(probe)):
            return True
    return False


def _word(*, visible: bool, hidden: bool) -> str:
    if visible and hidden:
        return "both"
    if visible or hidden:
        return "visible" if visible else "probes"
    return "probes"  # an accuracy, or a rule on the source: students don't see either decide


def _limits(usual: Limits, reference: Mapping[str, Run]) -> Limits:
    """Return limits that end an endless loop soon: a few times what the solved course needs."""
    outcomes = [outcome for run in reference.values() for outcome in run.outcomes]
    longest = max(outcome.cpu_seconds for outcome in outcomes)
    total = max(sum(o.cpu_seconds for o in run.outcomes) for run in reference.values())
    return dataclasses.replace(
        usual,
        step_cpu_seconds=min(usual.step_cpu_seconds, 1.5 + 4 * longest),
        notebook_cpu_seconds=min(usual.notebook_cpu_seconds, 6 + 4 * total),
        memory_bytes=min(usual.memory_bytes, 2 << 30),
    )


def _files_read(assignment: Assignment) -> dict[str, list[str]]:
    """Return, by question, the files to be handed in that it judges; most judge none."""
    found = {}
    for notebook in assignment.notebooks:
        for cell in notebook.having(Role.QUESTION):
            files = [file for file in assignment.extra_files if file in cell.source + cell.hidden]
            if files:
                found[cell.id] = files
    return found


def _notebook_bytes(notebook: Notebook, texts: Texts) -> bytes:
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": cell.id,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": texts.get(cell.id, cell.source),
        }
        for cell in notebook.having(Role.ANSWER)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@cache
def _judge_digest() -> str:
    total = hashlib.sha256()
    for file in deciding_modules():
        total.update(file.read_bytes())
    return total.hexdigest()
