"""Recognises known mistakes by their values.

A mistake's *signature* is what the solved course with that mistake computes in the same steps, on
the same inputs. It explains a student's values where all of them are those of the signature: wrong
ones are the same wrong ones, and right ones are right in both. A name that is not the true one is
worse than none, so that nothing is guessed: values are the same where they agree within the probe's
own tolerance, and ten times closer to each other than to what is right.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from autograder.judge.values import Expected, compare
from autograder.model import Ending, Foreign, Outcome, Probe, Value

CLOSER = 0.1  # how near two wrong values must be, as a part of what one of them is off
ROUNDING = 1e-12  # what counts as equal where a probe asks for equality of fractions
DIGITS = 5  # of the largest number of an array that a fingerprint keeps
Key = tuple[str, bool]  # name of a probe, and whether it is a visible one


class Kind(Enum):
    """What is said of one value."""

    RIGHT = "right"
    WRONG = "wrong"
    ABSENT = "absent"  # the step ended before


@dataclass(frozen=True)
class Behaviour:
    """What a program did in the steps of one question, beside what is right."""

    reference: Mapping[Key, Probe]
    values: Mapping[Key, Value]
    kinds: Mapping[Key, Kind]
    endings: tuple[str, ...]
    finished: bool  # did each step end well, or in a way that tells something?

    @property
    def is_wrong(self) -> bool:
        """Does anything differ from the reference?"""
        return any(self.endings) or any(kind is not Kind.RIGHT for kind in self.kinds.values())

    def having(self, kind: Kind) -> set[Key]:
        """Return the probes of one kind."""
        return {key for key, each in self.kinds.items() if each is kind}

    @property
    def fingerprint(self) -> str:
        """A digest of all that is wrong; rounding doesn't change it."""
        total = hashlib.sha256(repr(self.endings).encode())
        for key, kind in self.kinds.items():
            if kind is not Kind.RIGHT:
                total.update(repr((key, kind.value, _rounded(self.values.get(key)))).encode())
        return total.hexdigest()[:16]


def behaviour(reference: Iterable[Outcome], actual: Sequence[Outcome]) -> Behaviour:
    """Sort out what a program did in the steps of a question.

    Values that are judged by an accuracy are left out: they tell nothing about mistakes.
    """
    right = {
        (probe.name, probe.visible): probe
        for outcome in reference
        for probe in outcome.probes
        if "accuracy" not in probe.comparison
    }
    values = {
        (probe.name, probe.visible): probe.value for outcome in actual for probe in outcome.probes
    }
    kinds = {}
    for key, probe in right.items():
        if key not in values:
            kinds[key] = Kind.ABSENT
        elif compare(values[key], Expected(probe)):
            kinds[key] = Kind.WRONG
        else:
            kinds[key] = Kind.RIGHT
    return Behaviour(
        reference=right,
        values=values,
        kinds=kinds,
        endings=tuple(_ending(outcome) for outcome in actual),
        finished=all(_tells(outcome) for outcome in actual),
    )


def explains(mistake: Behaviour, student: Behaviour) -> bool:
    """Is all that a student's program did what a mistake makes a program do?"""
    if not (student.is_wrong and student.finished) or student.endings != mistake.endings:
        return False
    if student.kinds != mistake.kinds:
        return False
    return all(same(mistake, student, key) for key in student.having(Kind.WRONG))


def may_explain(mistakes: Sequence[Behaviour], student: Behaviour) -> bool:
    """Could several mistakes, made together, be what a student's program shows?

    Each must have a part in it, and no value may tell against it: where only one of the mistakes
    shows, its value is the student's. Where several show nothing is known before they are tried.
    """
    shown: list[set[Key]] = [set() for _ in mistakes]
    if not (student.is_wrong and student.finished):
        return False
    for key, kind in student.kinds.items():
        showing = [
            number for number, each in enumerate(mistakes) if each.kinds[key] is not Kind.RIGHT
        ]
        if len(showing) == 1:
            number = showing[0]
            each = mistakes[number]
            if each.kinds[key] != kind or (kind is Kind.WRONG and not same(each, student, key)):
                return False
            shown[number].add(key)
        elif (not showing) != (kind is Kind.RIGHT):
            return False
    return all(each.is_wrong for each in mistakes)


def are_proven_apart(mistakes: Sequence[Behaviour], student: Behaviour) -> bool:
    """Do mistakes that `may_explain` all show, and never two of them in one value?"""
    wrong = [each.having(Kind.WRONG) for each in mistakes]
    alone = sum(map(len, wrong)) == len(set().union(*wrong))
    ended_well = not any(any(each.endings) for each in (*mistakes, student))
    return alone and ended_well and set().union(*wrong) == student.having(Kind.WRONG)


def same(mistake: Behaviour, student: Behaviour, key: Key) -> bool:
    """Is a wrong value of a student's the wrong value of a mistake?"""
    probe = student.reference[key]
    actual, wrong = student.values[key], mistake.values.get(key)
    if not isinstance(actual, np.ndarray) or not isinstance(wrong, np.ndarray):
        return type(actual) is type(wrong) and _same_words(actual, wrong)
    if actual.shape != wrong.shape or (actual.dtype.kind == "f") != (wrong.dtype.kind == "f"):
        return False
    distance = _distance(actual, wrong)
    if not distance <= _tolerance(probe, wrong):
        return False
    right = probe.value
    if not isinstance(right, np.ndarray) or right.shape != actual.shape:
        return True
    off = _distance(actual, right)
    return not off < np.inf or distance <= CLOSER * off


def _same_words(actual: Value, wrong: Value) -> bool:
    if isinstance(actual, Foreign):
        return isinstance(wrong, Foreign) and actual.description == wrong.description
    return bool(actual == wrong)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference; infinite where NaN or infinities stand in other places."""
    if one.size == 0:
        return 0.0
    a, b = one.astype(np.float64), other.astype(np.float64)
    alike = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.where(alike, 0.0, np.abs(a - b))
    worst = float(np.max(difference))
    return np.inf if np.isnan(worst) else worst


def _tolerance(probe: Probe, wrong: np.ndarray) -> float:
    values = wrong.astype(np.float64)
    scale = float(np.max(np.abs(values[np.isfinite(values)]), initial=0.0))
    if "abs_error" in probe.comparison:
        return probe.comparison["abs_error"]
    if "rel_error" in probe.comparison:
        return probe.comparison["rel_error"] * (scale or 1.0)
    return ROUNDING * scale


def _tells(outcome: Outcome) -> bool:
    """Can two programs that end so be compared? An array too large is named with its shape."""
    if outcome.ending is Ending.MEMORY and outcome.failure:
        return "shape" in outcome.failure.message
    return outcome.ending in (Ending.OK, Ending.ERROR)


@np.errstate(invalid="ignore")  # infinities divided by a unit
def _rounded(value: Value) -> object:
    """Return what is left of a value when only some digits of its largest numbers count."""
    if isinstance(value, Foreign):
        return value.description
    if not isinstance(value, np.ndarray):
        return value
    numbers = value.astype(np.complex128)
    scale = float(np.max(np.abs(numbers[np.isfinite(numbers)]), initial=0.0))
    unit = 10.0 ** (np.floor(np.log10(scale)) - DIGITS) if scale else 1.0
    rounded = np.where(np.isnan(numbers), np.nan, np.round(numbers / unit) + 0.0)
    return value.shape, value.dtype.kind, rounded.tobytes()


def _ending(outcome: Outcome) -> str:
    """Return nothing for a step that ended well, else how it ended, in words."""
    if outcome.ending is Ending.OK:
        return ""
    if outcome.failure is None:
        return str(outcome.ending)
    message = re.sub(r"0x[0-9a-f]+", "0x", outcome.failure.message)
    return f"{outcome.ending} {outcome.failure.name}: {message}"
