"""The proof that no solution gets out, shown against builds that were sabotaged."""

import base64
import io
import json
import zipfile

import pytest

from autograder.authoring import build, builder, leaks, load_assignment
from autograder.model import CourseError

MODULE_LINE = "shifted_rows = rows + np.asarray(b)[None, :]"
SECRETS = {
    "a module's solution": MODULE_LINE,
    "respaced": "shifted_rows=rows+np.asarray( b )[ None,: ]",
    "commented out": f"    # {MODULE_LINE}",
    "an answer cell": "return Layer(2.0).forward(x)",
    "a model answer": "It costs no copy either.",
    "a hidden part": "hidden_rows = rng.normal(size=(5, 3))",
    "without its remark": "out = np.stack([times(row) for row in x])",
    "behind other text": f"Hint: {MODULE_LINE} does it.",
}


def _packed(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/solution.py", text)
    return buffer.getvalue()


@pytest.fixture
def sabotage(monkeypatch):
    """Slip files into release/ after nbgrader made it."""

    def slip(change):
        honest = builder._release

        def release(made, names):
            honest(made, names)
            change(made)

        monkeypatch.setattr(builder, "_release", release)

    return slip


def _in_notebook(made, place, value):
    file = made.release / "first/shift.ipynb"
    document = json.loads(file.read_bytes())
    place(document, value)
    file.write_text(json.dumps(document))


PLACES = {
    "a cell": lambda doc, text: doc["cells"][1].update(source=text.splitlines(keepends=True)),
    "an output": lambda doc, text: doc["cells"][1].update(
        outputs=[{"output_type": "stream", "name": "stdout", "text": [text]}]
    ),
    "a cell's metadata": lambda doc, text: doc["cells"][1]["metadata"].update(note=text),
    "a metadata key": lambda doc, text: doc["cells"][1]["metadata"].update({text: 1}),
    "the notebook's metadata": lambda doc, text: doc["metadata"].update(a={"b": ["c", [text]]}),
    "an attachment": lambda doc, text: doc["cells"][0].update(
        attachments={"a.txt": {"text/plain": base64.b64encode(text.encode()).decode()}}
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_leak_anywhere_in_a_notebook_stops_the_build(place, course, sabotage):
    """Sources, outputs, metadata and attachments of released notebooks are all searched."""
    text = f"x = 1\n{MODULE_LINE}\ny = 2"
    sabotage(lambda made: _in_notebook(made, PLACES[place], text))
    with pytest.raises(CourseError, match=r"first/shift.ipynb .*toolbox/layers.py, line 20"):
        build(course)
    assert not course.release.exists()


@pytest.mark.parametrize("kind", SECRETS)
def test_every_kind_of_secret_is_found(kind, course, sabotage):
    """Solutions of modules and cells, model answers and hidden parts are secret, however spaced."""
    sabotage(lambda made: (made.release / "second/hint.md").write_text(SECRETS[kind] + "\n"))
    with pytest.raises(CourseError, match=r"release/second/hint.md"):
        build(course)


@pytest.mark.parametrize("name", ["release/first/toolbox/data.py", "source/second/extra.py"])
def test_modules_are_searched_in_both_folders(name, course, sabotage):
    """A solved module is found in source/ too, from where nbgrader would copy it to students."""
    solved = (course.assignments / "toolbox/layers.py").read_text()
    sabotage(lambda made: (made.root / name).write_text(solved))
    with pytest.raises(CourseError, match=name):
        build(course)


@pytest.mark.parametrize("nested", [False, True])
def test_archives_are_opened(nested, course, sabotage):
    """A solution in a zip file is found, also where that holds base64 of another one."""
    inner = base64.b64encode(_packed(MODULE_LINE)).decode() if nested else MODULE_LINE
    sabotage(lambda made: (made.release / "first/a.bin").write_bytes(_packed(inner)))
    with pytest.raises(CourseError, match=r"release/first/a.bin"):
        build(course)


def test_a_line_that_is_public_too_may_stand_where_it_is_public(course, edit):
    """A line of given code that a solution repeats is no leak there."""
    edit("toolbox/data.py", "    rng =", "    factor = seed + count\n    rng =")
    edit("toolbox/layers.py", "    shifted_rows =", "    factor = seed + count\n    shifted_rows =")
    assert build(course).files


def test_a_public_line_may_not_stand_there_once_more(course, edit, sabotage):
    """The secret copy of a line that is public elsewhere in the same file is counted."""
    edit("toolbox/layers.py", "rows = np.asarray(x)\n", "rows = np.asarray(x)\n    n = len(rows)\n")
    edit("toolbox/layers.py", "    shifted_rows =", "    n = len(rows)\n    shifted_rows =")
    build(course)
    stub = "first/toolbox/layers.py"
    sabotage(
        lambda made: (made.release / stub).write_text(
            (made.release / stub).read_text() + "\n# n = len(rows)\n"
        )
    )
    with pytest.raises(CourseError, match=r"release/first/toolbox/layers.py"):
        build(course)


def test_the_search_knows_every_solution_line(course):
    """All solution lines that say something are searched for, each with its place."""
    found = leaks.find_secrets(course, [load_assignment(course, "first")])
    assert {secret.origin.split("/")[-1].split(",")[0] for secret in found} == {
        "layers.py",
        "scale.py",
        "shift.py",
    }
    assert {"hidden_rows=rng.normal(size=(5,3))", "returnrow*self.factor"} <= {
        secret.text for secret in found
    }
