"""Cutting solutions and hidden parts; each file of cases/ is a text and its stub, or a refusal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.authoring import split_hidden, strip_solution, strip_written
from autograder.model import CourseError

CASES = Path(__file__).parent / "cases"


def _read(case: Path) -> dict[str, str]:
    """Return the parts of a case by name: "input" and "stub" or "refused", and "name"."""
    head, *sections = case.read_text(encoding="utf-8").split("=== ")
    parts = {"name": head.removeprefix("name:").strip()}
    for section in sections:
        title, _, text = section.partition("\n")
        parts[title] = text.removesuffix("\n")
    return parts


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: case.stem)
def test_case_is_stripped_or_refused(case):
    """A solved text always gives the stub stored with it, or is refused for the reason stored."""
    parts = _read(case)
    if "refused" in parts:
        with pytest.raises(CourseError) as caught:
            strip_solution(parts["input"], parts["name"])
        assert parts["refused"] in str(caught.value)
    else:
        assert strip_solution(parts["input"], parts["name"]) == parts["stub"]


def test_a_stub_names_itself_when_it_is_called():
    """Calling what isn't written yet raises NotImplementedError with its name."""
    stub = strip_solution(_read(CASES / "module_function.txt")["input"], "layers.py")
    names: dict = {}
    exec(stub, names)
    with pytest.raises(NotImplementedError, match=r"^forward$"):
        names["forward"](1)


LINES = ["### BEGIN SOLUTION", "### END SOLUTION", "SECRET = 1", "x = 1", "if x:", "    y = 2", ""]


@given(st.lists(st.sampled_from([*LINES, *(f"    {line}" for line in LINES)]), max_size=12))
def test_whatever_the_lines_a_secret_between_markers_never_gets_out(lines):
    """Any text is refused or stripped so that nothing between two markers is left."""
    try:
        stub = strip_solution("\n".join(lines), "answer")
    except CourseError:
        return
    inside, public = False, 0
    for line in lines:
        if "SOLUTION" in line:
            inside = "BEGIN" in line
        elif "SECRET" in line and not inside:
            public += 1
    assert stub.count("SECRET") == public
    assert "SOLUTION" not in stub


HIDDEN = "x = 1\n### BEGIN HIDDEN TESTS\nprobe('a', x)\n### END HIDDEN TESTS"


def test_a_question_is_split():
    """The visible part is what nbgrader leaves when it cuts the hidden one."""
    assert split_hidden(HIDDEN) == ("x = 1", "probe('a', x)")
    assert split_hidden("x = 1") == ("x = 1", "")


@pytest.mark.parametrize(
    "text",
    [
        HIDDEN + "\ny = 2",
        HIDDEN + "\n" + HIDDEN,
        HIDDEN.replace("\n### END HIDDEN TESTS", ""),
        HIDDEN.replace("### END", "## END"),
        HIDDEN.replace("HIDDEN TESTS", "HIDDEN TEST"),
        HIDDEN.replace("HIDDEN TESTS", "HIDDEN"),
        HIDDEN.replace("### ", "    ### ").replace("x = 1", "if True:\n    x = 1"),
        "'''\n" + HIDDEN + "'''",
        HIDDEN.replace("HIDDEN TESTS", "MARK SCHEME"),
        HIDDEN.replace("x = 1", "x = 'BEGIN HIDDEN TESTS'"),
        HIDDEN.replace("x = 1", "x = ("),
    ],
)
def test_a_question_with_a_doubtful_hidden_part_is_refused(text):
    """Only one hidden part, at the end, spelled exactly, is accepted."""
    with pytest.raises(CourseError):
        split_hidden(text)


def test_a_model_answer_leaves_nothing():
    """A written answer is replaced as a whole, and must be nothing but the model answer."""
    model = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
    assert "Because" not in strip_written(model, "why")
    for text in ("Because.", "Why?\n" + model, model + "\nRight?", model.replace("Because.", "")):
        with pytest.raises(CourseError):
            strip_written(text, "why")
