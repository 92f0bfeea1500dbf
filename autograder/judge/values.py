"""Compares one probed value with the reference's, and says in words how they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from autograder.kit.checks import describe_difference
from autograder.model import Foreign, Probe, Value


@dataclass(frozen=True)
class Expected:
    """What the reference handed out for one probe, and the labels that only the judge has.

    `labels` are set where `comparison` is an accuracy; the reference's own value is not used then.
    """

    probe: Probe
    labels: np.ndarray | None = None

    @property
    def comparison(self) -> Mapping[str, float]:
        """How to compare; never the student's word."""
        return self.probe.comparison


def compare(actual: Value, expected: Expected) -> str | None:
    """Return None if `actual` is right, else a sentence that says how it differs."""
    if isinstance(actual, Foreign):
        return f"expected numbers, got {actual.description}."
    if "accuracy" in expected.comparison:
        return _compare_accuracy(actual, expected)
    wanted = expected.probe.value
    if wanted is None or isinstance(wanted, str) or isinstance(actual, str):
        return (
            None
            if _same_type_and_value(actual, wanted)
            else f"expected {_show(wanted)}, got {_show(actual)}."
        )
    if isinstance(wanted, Foreign):
        raise TypeError(f"the reference probed {wanted.description} as {expected.probe.name!r}")
    problem: str | None = describe_difference(
        actual,
        wanted,
        rel_error=expected.comparison.get("rel_error"),
        abs_error=expected.comparison.get("abs_error"),
    )
    return problem


def _compare_accuracy(actual: Value, expected: Expected) -> str | None:
    if expected.labels is None:
        raise ValueError(f"no labels are known for {expected.probe.name!r}")
    if not isinstance(actual, np.ndarray) or actual.shape != expected.labels.shape:
        shape = actual.shape if isinstance(actual, np.ndarray) else _show(actual)
        return f"expected one label for each of {len(expected.labels)} images, got {shape}."
    reached = float(np.mean(actual == expected.labels))
    wanted = expected.comparison["accuracy"]
    if reached >= wanted:
        return None
    return (
        f"{reached:.1%} of {len(expected.labels)} unseen images are right; {wanted:.0%} are needed."
    )


def _same_type_and_value(actual: Value, wanted: Value) -> bool:
    return type(actual) is type(wanted) and bool(actual == wanted)


def _show(value: Value) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else f"{value[()]}"
    return repr(value)[:80]
