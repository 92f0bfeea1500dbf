"""What a class did and no entry explains is listed, and becomes an entry with one command."""

import dataclasses

import pytest

from autograder.authoring import load_mistakes
from autograder.authoring.definitions import replace_definitions
from autograder.grading import store
from autograder.grading.store import Workspace
from autograder.grading.unexplained import add, in_lines, unexplained
from autograder.model import CourseError

LAYERS = "smallpkg/layers.py"
SQUARED = "def forward(x, w, b):\n    return (x @ w + b) ** 2, (x, w)"
SQUARED_TOO = """
from functools import partial

def square(x):
    return partial(np.power, x)(2)

def forward(x, w, b):
    return square(np.einsum("nd,dm->nm", x, w) + b), (x, w)
"""
CUBED = "def forward(x, w, b):\n    return (x @ w + b) ** 3, (x, w)"
COUNTED = "def count(x):\n    return (x > 0.5).sum(axis=1)"


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """A class of five: a workspace with results, and what was handed in."""
    output, submitted = tmp_path_factory.mktemp("output"), tmp_path_factory.mktemp("submitted")
    workspace = Workspace.in_folder(output)
    for student, functions, answer in [
        ("ada", SQUARED, None),
        ("bob", CUBED, None),
        ("cy", SQUARED_TOO, COUNTED),
        ("dee", "def forward(x, w, b):\n    return x @ w, (x, w)", None),  # known
        ("eve", "", None),
    ]:
        report = course.grade(functions, answer)
        store.save(workspace, dataclasses.replace(report, student=student))
        solved = course.trials.solved[LAYERS].decode()
        texts = {LAYERS: replace_definitions(solved, functions)}
        if answer:
            texts["count_code"] = answer
        handed_in = course.trials.submission(course.session.assignment, texts)
        contents = {**handed_in.files, "lesson.ipynb": handed_in.notebooks["lesson"]}
        for path, content in contents.items():
            file = submitted / student / "small" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return workspace, submitted


def test_equal_behaviour_is_one_group_and_the_largest_comes_first(course, graded):
    """However it is written; what has a name is not listed."""
    groups = unexplained(course.paths, "small", *graded)
    forward = [group for group in groups if group.question == "forward"]
    assert [group.students for group in forward] == [("ada", "cy"), ("bob",)]
    assert groups[0] == forward[0]
    assert forward[0].text == SQUARED
    assert "square of what it should be" in forward[0].said
    assert "dee" not in {student for group in groups for student in group.students}


def test_a_group_shows_what_a_student_wrote_in_the_notebook(course, graded):
    """Answers are found as grading finds them."""
    (group,) = [g for g in unexplained(course.paths, "small", *graded) if g.question == "count"]
    assert (group.students, group.text) == (("cy",), COUNTED)


def test_the_list_is_readable(course, graded):
    """Question, how many, what they were told, and the code."""
    text = "\n".join(in_lines(unexplained(course.paths, "small", *graded)))
    assert "forward: 2 wrong alike (ada, cy)" in text
    assert "    | def forward(x, w, b):" in text


def test_a_submission_becomes_an_entry(course, graded, tmp_path):
    """With the helpers and imports that it needs, and with texts that people must write."""
    place = add(course.paths, "small", graded[1], "cy", "forward", "squared")
    try:
        with pytest.raises(CourseError, match="'squared': its texts are still to be written"):
            load_mistakes(course.paths, course.session.assignment)
        place.write_text(place.read_text().replace("TODO: ", "Written: "))
        known = {m.name: m for m in load_mistakes(course.paths, course.session.assignment)}
        text = known["squared"].texts[LAYERS]
        assert "def square(x)" in text
        assert "from functools import partial" in text
        assert "einsum" in text
        with pytest.raises(CourseError, match="has a mistake called 'squared' already"):
            add(course.paths, "small", graded[1], "ada", "forward", "squared")
        add(course.paths, "small", graded[1], "ada", "forward", "squared-again")
        assert place.read_text().count("[[mistake]]") == 2
    finally:
        place.unlink()


@pytest.mark.parametrize(
    ("student", "question", "words"),
    [
        ("ada", "nothing", "no question 'nothing'"),
        ("nobody", "forward", "wrote nothing that can be read"),
    ],
)
def test_what_cannot_be_added_is_said(course, graded, student, question, words):
    """In words, and nothing is written."""
    with pytest.raises(CourseError, match=words):
        add(course.paths, "small", graded[1], student, question, "some-name")


def test_without_results_there_is_nothing_to_list(course, tmp_path):
    """Grade first."""
    with pytest.raises(CourseError, match="grade small first"):
        unexplained(course.paths, "small", Workspace.in_folder(tmp_path), tmp_path)
