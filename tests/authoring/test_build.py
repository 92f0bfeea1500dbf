"""Building source/ and release/ of a small course."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import build, builder, digest, is_stale, load_assignment
from autograder.kit import checks
from autograder.model import CourseError, Paths

SENTENCE = 'Built by "autograder build" from assignments/'
FILES = {
    "first/README.md",
    "first/notes.bin",
    "first/scale.ipynb",
    "first/shift.ipynb",
    "first/toolbox/__init__.py",
    "first/toolbox/checks.py",
    "first/toolbox/data.py",
    "first/toolbox/layers.py",
    "second/README.md",
    "second/toolbox/__init__.py",
    "second/toolbox/layers.py",
    "second/words.ipynb",
}


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def _cells(file: Path) -> dict[str, dict]:
    return {cell["id"]: cell for cell in json.loads(file.read_bytes())["cells"]}


def _text(cell: dict) -> str:
    return "".join(cell["source"])


def test_a_build_writes_what_the_assignments_name(built):
    """source/ and release/ hold the same files, and source/ its stamp besides."""
    assert set(_tree(built.release)) == FILES
    assert set(_tree(built.source)) == FILES | {".built-from"}


def test_two_builds_give_the_same_bytes(built, course):
    """A build elsewhere and later, and one on top of another, change no byte."""
    first = build(course)
    trees = _tree(course.source), _tree(course.release)
    assert trees == (_tree(built.source), _tree(built.release))
    assert set(first.differing) == set(first.files)
    assert build(course).differing == ()
    assert (_tree(course.source), _tree(course.release)) == trees


def test_notebooks_are_valid_and_carry_no_outputs(built):
    """Nbformat accepts every notebook; nothing was run, and ids are the questions' names."""
    for file in (*built.source.rglob("*.ipynb"), *built.release.rglob("*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        for cell in notebook.cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None
            assert cell.id == cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)


def test_source_holds_solutions_in_notebooks_and_stubs_in_modules(built):
    """Instructors see answers and hidden parts in source/; nbgrader finds only stubs to copy."""
    cells = _cells(built.source / "first/shift.ipynb")
    assert "hidden_rows" in _text(cells["shift"])
    assert "broadcasting" in _text(cells["why_no_loop"])
    assert cells["cell-03"]["metadata"]["tags"] == ["explore"]
    assert _text(cells["cell-03"]).startswith("%matplotlib inline")
    assert "shifted_rows" not in (built.source / "first/toolbox/layers.py").read_text()


def test_nbgrader_finds_its_metadata(built):
    """Questions are locked and graded, answers free, words both graded and free."""
    kinds = {}
    for book in ("shift", "scale"):
        for name, cell in _cells(built.source / f"first/{book}.ipynb").items():
            if nbgrader := cell["metadata"].get("nbgrader"):
                flags = tuple(nbgrader[flag] for flag in ("grade", "solution", "locked"))
                kinds[name] = (*flags, nbgrader.get("points"), nbgrader["schema_version"])
    assert kinds == {
        "shift": (True, False, True, 2, 3),
        "why_no_loop": (True, True, False, 1.5, 3),
        "twice": (False, True, False, None, 3),
        "Layer_forward": (True, False, True, 3, 3),
    }


def test_release_has_stubs_in_notebooks_and_no_hidden_part(built):
    """Students find what to write, by name, and the visible part of questions."""
    shift = _cells(built.release / "first/shift.ipynb")
    scale = _cells(built.release / "first/scale.ipynb")
    assert _text(scale["twice"]).endswith('\nraise NotImplementedError("twice")')
    assert _text(shift["shift"]).endswith("# a sum in float64")
    assert "Write your answer" in _text(shift["why_no_loop"])
    assert shift["shift"]["metadata"]["editable"] is False


def test_built_files_name_their_origin(built):
    """Modules and pages say on their first line, notebooks in their metadata, where to edit."""
    for folder in (built.source, built.release):
        for file in folder.rglob("*"):
            if file.suffix in (".py", ".md"):
                assert SENTENCE in file.read_text().partition("\n")[0]
            elif file.suffix == ".ipynb":
                assert SENTENCE in json.loads(file.read_bytes())["metadata"]["built"]


def test_stubs_import_and_name_themselves(built):
    """In a released folder the package imports, and what is missing says its name."""
    code = (
        "from toolbox import checks, layers\n"
        "for call in (lambda: layers.shift(1, 2), lambda: layers.Layer().forward(1)):\n"
        "    try: call()\n"
        "    except NotImplementedError as missing: print(missing)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=built.release / "first",
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["shift", "Layer.forward"]


def test_checks_are_the_kit_itself(built):
    """A link to the kit is followed: students receive the very functions that we test."""
    released = (built.release / "first/toolbox/checks.py").read_text()
    assert released.partition("\n")[2] == Path(checks.__file__).read_text()


def test_check_lists_what_differs_and_writes_nothing(course, edit):
    """`check` names edited, missing and left-over built files, and leaves them as they are."""
    build(course)
    assert build(course, check=True).differing == ()
    (course.release / "first/README.md").write_text("Edited by hand.")
    (course.source / "first/toolbox/data.py").unlink()
    (course.release / "second/solved.py").write_text("left over")
    before = _tree(course.root)
    assert build(course, check=True).differing == (
        "release/first/README.md",
        "release/second/solved.py",
        "source/first/toolbox/data.py",
    )
    assert _tree(course.root) == before


def test_a_build_is_stale_after_any_edit_and_fresh_after_the_next_build(course, edit):
    """Edits of lessons, modules or toml are seen; what Python leaves beside them is not."""
    assert is_stale(course)
    build(course)
    assert not is_stale(course)
    cache = course.assignments / "toolbox/__pycache__"
    cache.mkdir()
    (cache / "layers.cpython-311.pyc").write_bytes(b"x")
    assert not is_stale(course)
    before = digest(course)
    edit("second/words.py", "What is a layer?", "What is a layer good for?")
    assert is_stale(course)
    assert digest(course) != before
    build(course)
    assert not is_stale(course)


def test_a_renamed_file_is_another_input(course):
    """The digest covers names, so a moved file makes the build stale."""
    before = digest(course)
    (course.assignments / "second/words.py").rename(course.assignments / "second/word.py")
    assert digest(course) != before


def test_one_assignment_can_be_built_alone(course, edit):
    """Others stay as they are, byte for byte, and stay stale."""
    build(course)
    second = _tree(course.release / "second")
    edit("toolbox/layers.py", "shifted_rows = rows", "shifted_rows = 1 * rows")
    edit("second/words.py", "# # Words", "# # Many words")
    result = build(course, only=["first"])
    assert result.assignments == ("first",)
    assert not is_stale(course, "first")
    assert is_stale(course, "second")
    assert is_stale(course)
    assert _tree(course.release / "second") == second


def test_a_stale_assignment_is_read_as_authored(course, edit):
    """Built notebooks are read in place of lessons only while they are fresh."""
    build(course)
    edit("second/words.py", "points=1", "points=7")
    assert load_assignment(course, "second").notebooks[0].cells[-1].points == 7


def test_an_unknown_assignment_is_not_built(course):
    """A misspelt name is answered with the known ones."""
    with pytest.raises(CourseError, match=r"frist: not to be built.* has: first, second"):
        build(course, only=["frist"])


def test_a_failing_build_leaves_the_old_one(course, edit):
    """After an error, source/, release/ and everything else are as before."""
    build(course)
    edit("second/words.py", "# ### END SOLUTION", "# ### END SOLUTIONS")
    before = _tree(course.root)
    with pytest.raises(CourseError, match="misspelt"):
        build(course)
    assert _tree(course.root) == before
    assert not list(course.root.glob(".build-*"))


def test_folders_that_cannot_be_swapped_are_put_back(course, monkeypatch):
    """When the last step fails half way, both old folders are in place again."""
    build(course)
    before = _tree(course.root)
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name == "release" and path.parent.name.startswith(".build-"):
            raise OSError("The disk is full")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(CourseError, match="disk is full"):
        build(course)
    assert _tree(course.root) == before


def test_a_source_folder_of_somebody_else_is_not_replaced(course):
    """An nbgrader course that has a source/ already keeps it."""
    (course.source / "ps1").mkdir(parents=True)
    (course.source / "ps1/mine.ipynb").write_text("{}")
    with pytest.raises(CourseError, match="wasn't made by `autograder build`"):
        build(course)
    assert (course.source / "ps1/mine.ipynb").exists()


def test_a_course_without_assignments_is_said_so(tmp_path):
    """An empty folder is not built into empty folders."""
    with pytest.raises(CourseError, match="not to be built"):
        build(Paths(tmp_path))


def test_only_one_module_imports_nbgrader():
    """The room starts fast: nbgrader and jupytext are imported where they are used."""
    slow = {"nbgrader", "jupytext", "nbformat", "IPython", "matplotlib"}
    found = set()
    for file in Path(builder.__file__).parent.glob("*.py"):
        for node in ast.parse(file.read_text()).body:
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {(file.name, name) for name in names if name.split(".")[0] in slow}
    assert {file for file, _ in found} == {"nbgrader_release.py"}


def test_reading_a_fresh_build_imports_nothing_slow(built):
    """Grading reads assignments from source/, without the seconds that jupytext's import takes."""
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from autograder.authoring import load_assignment\nfrom autograder.model import Paths\n"
        f"assert load_assignment(Paths(Path({str(built.root)!r})), 'first').notebooks\n"
        "print(*{'jupytext', 'nbformat', 'nbgrader', 'IPython'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


CONFIG = """\
from autograder.authoring.nbgrader_release import release_preprocessors
c = get_config()
c.GenerateAssignment.preprocessors = release_preprocessors()
"""


def _nbgrader(course: Paths, *arguments: str) -> subprocess.CompletedProcess:
    (course.root / "nbgrader_config.py").write_text(CONFIG)
    bin_ = Path(sys.executable).parent  # nbgrader starts alembic by its bare name
    environment = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", *arguments],
        cwd=course.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_stock_nbgrader_gives_the_same_release(built, course):
    """`nbgrader generate_assignment` with our step makes release/ byte for byte."""
    shutil.copytree(built.source, course.source)
    ran = _nbgrader(course, "first")
    assert ran.returncode == 0, ran.stderr
    assert _tree(course.release / "first") == _tree(built.release / "first")


@pytest.mark.slow
def test_stock_nbgrader_releases_nothing_from_a_broken_source(built, course):
    """A marker broken by hand in source/ stops nbgrader, which then leaves no release."""
    shutil.copytree(built.source, course.source)
    lesson = course.source / "first/scale.ipynb"
    lesson.write_text(lesson.read_text().replace("### END SOLUTION", "## END SOLUTION"))
    ran = _nbgrader(course, "first")
    assert ran.returncode == 1
    assert "is misspelt" in ran.stderr
    assert not (course.release / "first").exists()
