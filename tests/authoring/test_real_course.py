"""The course itself: what is committed is a fresh build, works alone and gives nothing away."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring import build, list_assignments, load_assignment, package_files
from autograder.model import Paths, Role

PATHS = Paths(Path(__file__).parents[2])
NAMES = list_assignments(PATHS)
ALLOWED = set(sys.stdlib_module_names) | {"numpy", "matplotlib", "cs231n"}


def test_there_is_a_course():
    """The tests below have something to look at."""
    assert NAMES


def test_what_is_committed_is_a_fresh_build():
    """source/ and release/ differ in no byte from a build of assignments/; that holds no leak."""
    assert build(PATHS, check=True).differing == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_release_needs_numpy_and_matplotlib_only(name):
    """No module and no notebook of a release imports anything else."""
    folder = PATHS.release / name
    for_pytest = folder / "test_checks.py"  # which nobody needs
    texts = {file: file.read_text() for file in folder.rglob("*.py") if file != for_pytest}
    for notebook in load_assignment(PATHS, name).notebooks:
        for cell in notebook.cells:
            if cell.role in (Role.SETUP, Role.EXPLORE, Role.QUESTION):
                plain = [line for line in cell.source.split("\n") if line[:1] not in ("%", "!")]
                texts[folder / f"{notebook.name}.ipynb" / cell.id] = "\n".join(plain)
    assert texts
    for file, text in texts.items():
        for node in ast.walk(ast.parse(text, str(file))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module)
            assert {each.split(".")[0] for each in names} <= ALLOWED, file


@pytest.mark.parametrize("name", NAMES)
def test_every_module_of_a_release_imports_alone(name):
    """In the released folder, with nothing of this project on the path, the stubs import."""
    modules = [
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in package_files(PATHS, load_assignment(PATHS, name), solved=False)
        if path.endswith(".py")
    ]
    subprocess.run(
        [sys.executable, "-B", "-c", f"import {', '.join(modules)}"],
        cwd=PATHS.release / name,
        check=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_stub_names_what_is_missing(name):
    """Each function left to students raises NotImplementedError with its own name."""
    assignment = load_assignment(PATHS, name)
    stubs = package_files(PATHS, assignment, solved=False)
    for path in assignment.student_files:
        raised = _raised(ast.parse(stubs[path]))
        assert raised, path
        assert all(said == place for place, said in raised), path


def _raised(tree: ast.Module) -> list[tuple[str, str]]:
    """Return (dotted path, name) of each `raise NotImplementedError("name")` in a module."""
    found = []
    for node in tree.body:
        functions = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for function in functions:
            for inner in ast.walk(function):
                if isinstance(inner, ast.Raise) and isinstance(inner.exc, ast.Call):
                    call = inner.exc
                    if isinstance(call.func, ast.Name) and call.func.id == "NotImplementedError":
                        found.append((prefix + function.name, call.args[0].value))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_begins_with_its_title(name):
    """Each notebook opens with a heading, which the README shows."""
    for notebook in load_assignment(PATHS, name).notebooks:
        assert notebook.cells[0].source.startswith("# "), notebook.name
