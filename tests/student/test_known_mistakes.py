"""Naming mistakes on the student's own machine, and hints."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from student_folder import replace, run

from autograder.authoring import FINGERPRINTS
from autograder.certify import fingerprints_are_stale
from autograder.kit.self_check.known_mistakes import fingerprints
from autograder.model import Paths

ROOT = Path(__file__).parents[2]
NAMES = ["assignment1", "assignment2"]
KNN = "cs231n/classifiers/k_nearest_neighbor.py"


@pytest.mark.parametrize("name", NAMES)
def test_fingerprints_are_as_fresh_as_the_catalogue(name):
    """`autograder mistakes NAME --fingerprints` has been run since the last change."""
    assert not fingerprints_are_stale(Paths(ROOT), name)


@pytest.mark.parametrize("name", NAMES)
def test_most_known_mistakes_are_named_by_visible_checks(name):
    """More than half of the catalogue is recognised, and never as one of more than two."""
    content = json.loads((ROOT / "assignments/mistakes" / name / FINGERPRINTS).read_text())
    rows = [r for q in content["fingerprints"].values() for c in q.values() for r in c.values()]
    every = {mistake for names in content["about"].values() for mistake in names}
    assert len({mistake for names in rows for mistake in names}) > len(every) / 2
    assert max(map(len, rows)) <= 2


def test_rounding_does_not_matter_and_mistakes_do():
    """One value computed in two ways is the same; another shape or check, or 1e-6 more, isn't."""
    rng = np.random.default_rng(3)
    for _ in range(300):
        value = rng.normal(size=rng.integers(1, 9, size=2)) * 10.0 ** rng.integers(-8, 8)
        stored = fingerprints("q", 1, value)[0]
        other = (value * 3) / 3 + value.max() * 1e-13
        assert stored in fingerprints("q", 1, other)
        assert stored not in fingerprints("q", 1, value * (1 + 1e-5))
        assert stored not in fingerprints("q", 1, value[None])
        assert stored not in fingerprints("q", 2, value)


@pytest.mark.parametrize("value", [5, [1, 0, 1], None, "text", [[0.5, 1.0]], object()])
def test_values_that_say_little_have_no_fingerprint(value):
    """A label or a count would be blamed on a mistake by chance."""
    assert fingerprints("q", 1, value) == []


def test_special_values_have_fingerprints():
    """NaN, infinities, zeros among them; no warning, and their places count."""
    one = fingerprints("q", 1, [1.23456, np.nan, np.inf])
    assert one
    assert not set(one) & set(fingerprints("q", 1, [1.23456, np.inf, np.nan]))


def test_a_known_mistake_gets_its_name(solved):
    """A forgotten root is explained on the command line; right programs hear of no mistake."""
    replace(
        solved / KNN,
        "np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))",
        "np.sum((X[i] - self.X_train[j]) ** 2)",
    )
    done = run(solved, "cs231n.check", "knn")
    assert "This is what comes out when: The distances are squared" in done.stdout


def test_hints_get_more_helpful_and_end(solved):
    """Each call gives the next one; after the last comes advice; unknown questions are answered."""
    code = """
from cs231n.checks import hint
for _ in range(5):
    hint("predict_labels")
hint("nothing")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=solved, capture_output=True, text=True, check=True
    )
    assert "Hint 1 of 3, about what often goes wrong here:" in done.stdout
    assert done.stdout.count("That was the last hint") == 2
    assert "There are no hints for 'nothing'" in done.stdout
