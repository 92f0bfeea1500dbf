"""The catalogue of known mistakes: there is enough of it, and what it says can be shown to anyone.

That each mistake is caught, and told its name, is proven by `autograder mistakes --prove`.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from autograder.authoring import (
    find_targets,
    list_assignments,
    load_assignment,
    load_mistakes,
    own_targets,
)
from autograder.authoring.leaks import find_secrets
from autograder.model import Paths

PATHS = Paths(Path(__file__).parents[2])
ASSIGNMENTS = {name: load_assignment(PATHS, name) for name in list_assignments(PATHS)}
MISTAKES = {name: load_mistakes(PATHS, each) for name, each in ASSIGNMENTS.items()}
IMPORTANT = 2  # points: a question that gives as many needs more than one mistake
SENTENCE = re.compile(r"[.!?]\)?\s+(?=[A-Z(])|[.!?]\)?$")
CODE = re.compile(r"[=(\[+*/@]")  # what a short line must hold to be one of a program

in_each_assignment = pytest.mark.parametrize("name", ASSIGNMENTS)


def sentences(text):
    return len(SENTENCE.findall(text))


def failing(name, holds):
    """Return the names of the mistakes of which something isn't true."""
    return [mistake.name for mistake in MISTAKES[name] if not holds(mistake)]


@in_each_assignment
def test_name_can_be_used_in_a_file_and_a_link(name):
    """A name is a few small words with hyphens between them."""
    pattern = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
    assert failing(name, lambda mistake: pattern.fullmatch(mistake.name)) == []


@in_each_assignment
def test_diagnosis_is_one_sentence(name):
    """It is short enough to stand in a table, and says one thing."""

    def holds(mistake):
        text = mistake.diagnosis
        return sentences(text) == 1 and text.endswith(".") and len(text) < 160

    assert failing(name, holds) == []


@in_each_assignment
def test_explanation_is_a_paragraph(name):
    """It says more than the diagnosis, in a few sentences."""

    def holds(mistake):
        text = mistake.explanation
        return 2 <= sentences(text) <= 6 and mistake.diagnosis not in text

    assert failing(name, holds) == []


@in_each_assignment
def test_hints_are_two(name):
    """There are two, which differ, and neither is the diagnosis over again."""

    def holds(mistake):
        ended = all(hint.endswith((".", "?", "!")) for hint in mistake.hints)
        return ended and len({*mistake.hints, mistake.diagnosis}) == 3

    assert failing(name, holds) == []


@in_each_assignment
def test_no_solution_is_given_away(name):
    """No text holds a line of a solution or of a hidden part, however it is spaced."""
    found = find_secrets(PATHS, ASSIGNMENTS.values())
    secrets = [each.text for each in found if CODE.search(each.text) or len(each.text) > 30]

    def holds(mistake):
        texts = (mistake.diagnosis, mistake.explanation, *mistake.hints)
        plain = ["".join(text.split()).replace("#", "") for text in texts]
        return not any(secret in text for secret in secrets for text in plain)

    assert len(secrets) > 100
    assert failing(name, holds) == []


@in_each_assignment
def test_no_two_say_the_same_of_a_function(name):
    """Two mistakes of one function have different diagnoses."""
    said = Counter((mistake.function, mistake.diagnosis) for mistake in MISTAKES[name])
    assert [each for each, count in said.items() if count > 1] == []


@in_each_assignment
def test_each_function_has_mistakes(name):
    """All that students write has a known mistake, and what gives more points has three."""
    assignment = ASSIGNMENTS[name]
    targets = find_targets(PATHS, assignment)
    wanted = {target.place: 1 for target in targets}
    points = {cell.id: cell.points for book in assignment.notebooks for cell in book.cells}
    for question, about in own_targets(assignment, targets).items():
        if points[question] >= IMPORTANT:
            wanted |= {target.place: 3 for target in about}
    known = Counter(mistake.function for mistake in MISTAKES[name])
    assert {place: n for place, n in wanted.items() if known[place] < n} == {}
