"""No output carries a line of a hidden part to a student."""

from autograder.grading.quotations import (
    LEFT_OUT,
    hidden_lines,
    without_quotations,
    without_secrets,
)
from autograder.model import Cell, Notebook, Result, Role, Verdict

LESSON = Notebook(
    "lesson",
    (
        Cell("q", Role.QUESTION, "x = make()\ncheck(x)", "rng = probe.rng()\ncheck(x)\ny = 1", 1),
        Cell("answer", Role.ANSWER, "def make(): pass"),
    ),
)
SECRETS = hidden_lines(LESSON)


def test_lines_that_students_see_and_short_ones_are_no_secrets():
    """Only what stands in hidden parts alone gives something away."""
    assert sorted(SECRETS) == ["rng=probe.rng()"]


def test_a_quotation_is_found_through_colours_and_in_any_kind_of_output():
    """A traceback colours single words; code may print what it saw in a later cell."""
    coloured = "\x1b[0;32m----> 2\x1b[0m rng\x1b[0m \x1b[0;34m=\x1b[0m probe.rng()"
    for output in (
        {"output_type": "error", "traceback": [coloured]},
        {"output_type": "stream", "name": "stdout", "text": "seen: rng = probe.rng() !"},
        {"output_type": "execute_result", "data": {"text/plain": ["a", "'rng = probe.rng()'"]}},
    ):
        assert without_quotations(output, SECRETS) == LEFT_OUT


def test_other_outputs_stay():
    """Also those that quote what everybody sees."""
    output = {"output_type": "stream", "name": "stdout", "text": "check(x)"}
    assert without_quotations(output, SECRETS) is output


def test_messages_are_left_out_too_and_quotation_marks_hide_nothing():
    """An exception can carry any text; `repr` changes how a line is spelled."""
    secrets = frozenset(["probe(name,x)"])
    result = Result("q", "lesson", 0, 1, Verdict.ERROR, "ValueError: 'probe(\\'name\\', x)\\n'")
    assert "stays hidden" in without_secrets(result, secrets).message
    other = Result("q", "lesson", 0, 1, Verdict.ERROR, "ValueError: no")
    assert without_secrets(other, secrets) == other
