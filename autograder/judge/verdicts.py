"""Turns the evidence on one question into a verdict, points and one helpful sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.judge.rules import broken_rule
from autograder.judge.values import Expected, compare
from autograder.model import Cell, Ending, Failure, Outcome, Probe, Result, SourceRule, Verdict


@dataclass(frozen=True)
class Evidence:
    """All that bears on one question.

    `reference` and `actual` are the outcomes of the question's steps, visible part first.
    `before` are the outcomes of the setup and answer steps that stand before it. `missing` names
    the functions, answers and extra files that weren't handed in; `labels` are the judge's, for
    accuracies.
    """

    cell: Cell
    notebook: str
    reference: Sequence[Outcome]
    actual: Sequence[Outcome]
    before: Sequence[Outcome] = ()
    missing: frozenset[str] = frozenset()
    rules: Sequence[tuple[SourceRule, bytes]] = ()
    labels: np.ndarray | None = None


VERDICT_OF_ENDING = {
    Ending.TIMEOUT: Verdict.TIMEOUT,
    Ending.SKIPPED: Verdict.TIMEOUT,
    Ending.MEMORY: Verdict.MEMORY,
    Ending.CRASH: Verdict.CRASH,
    Ending.ERROR: Verdict.ERROR,
    Ending.BROKEN: Verdict.HARNESS,
}
SENTENCE_OF_ENDING = {
    Ending.TIMEOUT: "The time limit was reached: is there a loop that never ends?",
    Ending.SKIPPED: "The time for the whole notebook was used up before this question was reached.",
    Ending.MEMORY: "The memory limit was reached: is an array far larger than it needs to be?",
    Ending.CRASH: "The Python interpreter died while this question was checked.",
    Ending.BROKEN: "The grader failed here, not you. Your instructor has been told.",
}


def judge_question(evidence: Evidence) -> Result:
    """Return the verdict on one question."""
    verdict, message, fraction, bonus = _decide(evidence)
    cell = evidence.cell
    return Result(
        question=cell.id,
        notebook=evidence.notebook,
        points=round(cell.points * fraction, 6),
        max_points=cell.points,
        verdict=verdict,
        message=message,
        bonus=bonus,
        cpu_seconds=round(sum(outcome.cpu_seconds for outcome in evidence.actual), 3),
    )


def _decide(evidence: Evidence) -> tuple[Verdict, str, float, float]:
    """Return verdict, message, fraction of the points, and bonus points."""
    fault = _harness_fault(evidence)
    if fault:
        return Verdict.HARNESS, fault, 0, 0
    for outcome in evidence.actual:
        if outcome.ending is not Ending.OK:
            verdict, message = _explain_ending(outcome, evidence)
            return verdict, message, 0, 0
    for rule, source in evidence.rules:
        problem = broken_rule(rule, source)
        if problem:
            return Verdict.WRONG, _sentence(problem), 0, 0
    return _compare_all(evidence)


def _harness_fault(evidence: Evidence) -> str | None:
    if any(outcome.ending is Ending.BROKEN for outcome in evidence.actual):
        return SENTENCE_OF_ENDING[Ending.BROKEN]
    for outcome in evidence.reference:
        if outcome.ending is not Ending.OK:
            said = f"{outcome.ending} ({_say(outcome.failure)})"
            return f"The reference solution itself ended with {said} in {outcome.id}."
    if not any(not probe.visible for probe in _probes(evidence.reference)):
        return "The question has no hidden probe; it can't be decided."
    return None


def _explain_ending(outcome: Outcome, evidence: Evidence) -> tuple[Verdict, str]:
    if outcome.ending is not Ending.ERROR:
        return VERDICT_OF_ENDING[outcome.ending], SENTENCE_OF_ENDING[outcome.ending]
    failure = outcome.failure or Failure("Error", "")
    if failure.name == "NotImplementedError":
        return _explain_stub(failure.message, evidence)
    if failure.name == "FileNotFoundError":
        lacking = [name for name in evidence.missing if repr(name) in failure.message]
        if lacking:
            return Verdict.MISSING, f"{lacking[0]} was not handed in."
    if failure.name == "NameError":
        cause = _cause_of_missing_name(failure, evidence)
        if cause:
            return cause
    return Verdict.ERROR, f"Your code raised {_say(failure)}"


def _explain_stub(name: str, evidence: Evidence) -> tuple[Verdict, str]:
    if name in evidence.missing:
        return Verdict.MISSING, f"{name} was not in what you handed in."
    if _names_the_question(name, evidence.cell.id):
        return Verdict.NOT_ATTEMPTED, "Not attempted yet."
    return Verdict.NOT_ATTEMPTED, f"This needs {name}, which is not written yet."


def _names_the_question(name: str, question: str) -> bool:
    """Is the stub "Class.__init__" or "Class.method" what "Class_init" or "method" asks for?"""
    flat = re.sub(r"[._]+", "_", name).strip("_")
    return not flat or flat == question or flat.endswith(f"_{question}")


def _cause_of_missing_name(failure: Failure, evidence: Evidence) -> tuple[Verdict, str] | None:
    """Find the earlier cell whose failure is the reason why a name doesn't exist."""
    failed = [outcome for outcome in evidence.before if outcome.ending is not Ending.OK]
    name = re.search(r"name '(\w+)' is not defined", failure.message)
    for outcome in sorted(failed, key=lambda outcome: not _mentions(outcome, name)):
        if outcome.failure and outcome.failure.name == "NotImplementedError":
            return _explain_stub(outcome.failure.message, evidence)
        said = _say(outcome.failure) if outcome.failure else SENTENCE_OF_ENDING[outcome.ending]
        return VERDICT_OF_ENDING[
            outcome.ending
        ], f"{failure.message}, since an earlier cell failed: {said}"
    return None


def _mentions(outcome: Outcome, name: re.Match[str] | None) -> bool:
    return bool(name and outcome.failure and name.group(1) in outcome.failure.message)


def _compare_all(evidence: Evidence) -> tuple[Verdict, str, float, float]:
    actual = {(probe.name, probe.visible): probe.value for probe in _probes(evidence.actual)}
    problems: list[str] = []
    lost, shared, bonus = 0.0, 0.0, 0.0
    common_part_is_right = True
    for probe in _probes(evidence.reference):
        expected = Expected(probe, evidence.labels if "accuracy" in probe.comparison else None)
        key = (probe.name, probe.visible)
        problem = (
            compare(actual[key], expected)
            if key in actual
            else "the check ended before this was computed."
        )
        share = probe.comparison.get("share", 0.0)
        shared += share
        if "bonus" in probe.comparison:
            bonus += 0.0 if problem else probe.comparison["bonus"]
        elif problem:
            problems.append(_name_problem(probe.name, problem, visible=probe.visible))
            lost += share
            common_part_is_right = common_part_is_right and bool(share)
    if not problems:
        return Verdict.PASS, "", 1, bonus
    fraction = 1 - lost if common_part_is_right else shared - lost
    return Verdict.WRONG, problems[0], max(0.0, fraction), 0


def _probes(outcomes: Sequence[Outcome]) -> Iterator[Probe]:
    for outcome in outcomes:
        yield from outcome.probes


def _name_problem(name: str, problem: str, *, visible: bool) -> str:
    return (
        f"In the check that you see: {problem}" if visible else f"{_sentence(name)[:-1]}: {problem}"
    )


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def _say(failure: Failure | None) -> str:
    if failure is None:
        return "an error."
    where = f" ({failure.file}, line {failure.line})" if failure.file else ""
    return f"{failure.name}: {failure.message[:300]}{where}"
