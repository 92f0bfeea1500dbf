"""Reading assignment.toml and lessons."""

import dataclasses
from datetime import UTC, datetime

import pytest

from autograder.authoring import (
    build,
    editable_files,
    list_assignments,
    load_assignment,
    package_files,
)
from autograder.model import CourseError, HiddenData, Limits, Role, SourceRule


def test_an_assignment_is_read_with_all_its_keys(course):
    """Each key of assignment.toml arrives in its field, with defaults for what isn't said."""
    first = load_assignment(course, "first")
    assert first.title == "First steps"
    assert first.due == datetime(2027, 2, 1, 23, 59, tzinfo=UTC)
    assert first.student_files == ("toolbox/layers.py",)
    assert first.extra_files == ("weights.npz",)
    assert first.limits == Limits(step_cpu_seconds=5)
    assert first.source_rules == (
        SourceRule("shift", "toolbox/layers.py:shift", loops=False, forbidden=("np.roll",)),
    )
    assert first.hidden_data == (HiddenData("images", "toolbox/data.py:draw", 12),)
    second = load_assignment(course, "second")
    assert (second.due, second.limits, second.hidden_data) == (None, Limits(), ())


def test_cells_have_their_roles_names_and_points(course):
    """Roles come from the headers; cells without a name are numbered within their notebook."""
    shift, scale = load_assignment(course, "first").notebooks
    assert [(cell.id, cell.role) for cell in shift.cells] == [
        ("cell-01", Role.TEXT),
        ("cell-02", Role.SETUP),
        ("cell-03", Role.EXPLORE),
        ("shift", Role.QUESTION),
        ("cell-05", Role.TEXT),
        ("why_no_loop", Role.WRITTEN),
    ]
    assert [(cell.points, cell.bonus) for cell in scale.having(Role.QUESTION)] == [(3, 1)]
    assert shift.having(Role.WRITTEN)[0].points == 1.5


def test_the_hidden_part_is_split_from_the_visible_one(course):
    """A question's source ends where its hidden part begins; neither has a marker."""
    question = load_assignment(course, "first").notebooks[0].having(Role.QUESTION)[0]
    assert question.source.endswith("# a sum in float64")
    assert question.hidden.startswith("rng = probe.rng()\n")
    assert "HIDDEN" not in question.source + question.hidden


def test_a_built_course_reads_the_same(course, built):
    """Reading the built notebooks, which is fast, gives what reading the lessons gives."""
    for name in list_assignments(course):
        assert load_assignment(built, name) == load_assignment(course, name)


def test_editable_files_are_what_students_hand_in(course):
    """Nbgrader is told not to overwrite modules and trained weights of students."""
    assert editable_files(course) == {
        "first": ["toolbox/layers.py", "weights.npz"],
        "second": ["toolbox/layers.py"],
    }


TOML = "first/assignment.toml"
BROKEN = {
    "unknown key": (TOML, "due =", "deadline =", "deadline is not a key"),
    "unknown limit": (TOML, "step_cpu_seconds", "cpu", "limits.cpu is not a key"),
    "negative limit": (TOML, "seconds = 5", "seconds = -5", "limits.step_cpu_seconds"),
    "no title": (TOML, 'title = "First steps"', "", "title is missing"),
    "wrong type": (TOML, '"First steps"', "3", "title must be a text"),
    "not toml": (TOML, "[limits]", "[limits", "isn't valid TOML"),
    "no time zone": (TOML, "23:59:00Z", "23:59:00", "due needs a time zone"),
    "missing lesson": (TOML, '"scale"', '"scales"', "scales.py is missing"),
    "missing file": (TOML, '"notes.bin"', '"note.bin"', "'note.bin'"),
    "path outside": (TOML, '"notes.bin"', '"../notes.bin"', "given_files must be paths inside"),
    "absolute path": (TOML, '"notes.bin"', '"/etc/passwd"', "given_files must be paths inside"),
    "file named twice": (TOML, '"notes.bin"', '"toolbox/layers.py"', "'toolbox/layers.py' twice"),
    "rule for no question": (TOML, 'question = "shift"', 'question = "shit"', "source_rules[0]"),
    "rule for no function": (TOML, "layers.py:shift", "layers.py:shove", "which isn't in"),
    "rule for a given file": (TOML, "layers.py:shift", "data.py:draw", "one of student_files"),
    "unknown key of a rule": (TOML, "loops =", "loop =", "source_rules[0].loop is not a key"),
    "hidden data from nowhere": (TOML, "data.py:draw", "data.py:drew", "hidden_data.images"),
    "no points": ("first/shift.py", "points=2", "", "points must be a number"),
    "unknown header": ("first/shift.py", "points=2", "points=2 worth=3", "knows no 'worth'"),
    "unknown tag": ("first/shift.py", '"explore"', '"skip"', "the only tags"),
    "two labels": ("first/shift.py", 'question="shift"', 'question="a" answer="b"', "two labels"),
    "written in code": ("first/shift.py", "[markdown] written", "written", "is a markdown cell"),
    "bad name": ("first/shift.py", '"why_no_loop"', '"why no loop"', "a name is letters"),
    "name taken": ("first/scale.py", '"Layer_forward"', '"shift"', "'shift' is taken already"),
    "nothing hidden": (
        "first/scale.py",
        'probe("negative factor", Layer(-1.5).forward(np.eye(4)), exact=True)',
        "",
        "Layer_forward: what students see can't decide",
    ),
    "marker in a text": ("first/shift.py", "# Some text", "# ### END SOLUTION", "is misspelt"),
    "marker in setup": (
        "first/scale.py",
        "import numpy as np",
        "### END SOLUTION",
        "none belongs",
    ),
    "more than a model answer": (
        "second/words.py",
        "# ### END SOLUTION",
        "# ### END SOLUTION\n# And more.",
        "model answer and nothing else",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_is_named_with_its_file(case, course, edit):
    """Whatever is wrong in an assignment is a CourseError that names the file and the place."""
    file, old, new, said = BROKEN[case]
    edit(file, old, new)
    with pytest.raises(CourseError) as caught:
        load_assignment(course, file.partition("/")[0])
    assert said in str(caught.value)
    assert file in str(caught.value) or case == "missing lesson"


def test_an_unknown_assignment_is_answered_with_the_known_ones(course):
    """A misspelt name gets the list of names."""
    with pytest.raises(CourseError, match="There are: first, second"):
        load_assignment(course, "frist")


def test_solved_files_are_as_authored(course):
    """The solved package keeps every byte, so that its line numbers are those that authors see."""
    first = load_assignment(course, "first")
    for path, content in package_files(course, first, solved=True).items():
        assert content in {
            file.read_bytes() for file in course.assignments.rglob(path.rpartition("/")[2])
        }


def test_handed_out_files_are_stubs_and_the_rest(course):
    """Students get stubs that name their origin, and given files; binary ones as they are."""
    files = package_files(course, load_assignment(course, "first"), solved=False)
    layers = files["toolbox/layers.py"].decode()
    assert layers.startswith('# Built by "autograder build" from assignments/toolbox/layers.py')
    assert 'raise NotImplementedError("shift")' in layers
    assert 'raise NotImplementedError("Layer.forward")' in layers
    assert "shifted_rows" not in layers
    assert files["notes.bin"] == (course.assignments / "first/notes.bin").read_bytes()
    assert b"def assert_close" in files["toolbox/checks.py"]


def test_a_built_module_keeps_its_docstring_and_future_imports(course, edit):
    """The line that names the origin is a comment; what must come first still does."""
    edit("toolbox/data.py", "import numpy", "from __future__ import annotations\nimport numpy")
    files = package_files(course, load_assignment(course, "first"), solved=False)
    names: dict = {}
    exec(compile(files["toolbox/data.py"], "data.py", "exec"), names)
    assert names["__doc__"] == "Given: draws arrays and their labels."


def test_a_given_file_with_a_solution_is_refused(course):
    """A module handed out as it is can't hold a solution: it should be a student file."""
    first = load_assignment(course, "first")
    swapped = dataclasses.replace(first, student_files=(), given_files=first.student_files)
    with pytest.raises(CourseError, match="are students to write in it"):
        package_files(course, swapped, solved=False)


def test_a_student_file_without_a_solution_is_refused(course):
    """A stub equal to the solution means that markers were forgotten."""
    first = load_assignment(course, "first")
    forgotten = dataclasses.replace(first, student_files=("toolbox/data.py",))
    with pytest.raises(CourseError, match="nothing is left to students"):
        package_files(course, forgotten, solved=True)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"cells": [{}]}'])
def test_a_damaged_built_notebook_is_said_so(damage, course):
    """A built notebook that was edited or cut short is named, with the command that helps."""
    build(course)
    lesson = course.source / "second/words.ipynb"
    lesson.write_text(damage)
    with pytest.raises(CourseError, match=r"words.ipynb isn't as it was built.*autograder build"):
        load_assignment(course, "second")
