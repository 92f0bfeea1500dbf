"""Right programs that are written differently: each must get full points.

assignments/fairness/<assignment>/<variant>/ holds modules with the paths of those that they change,
and files <lesson>.py for answer cells. A function or method in them takes the place of the one of
the same name; further functions, imports and constants are added. The rest is the solved course's.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring import Definition, is_docstring, replace_definitions, syntax_tree
from autograder.model import Assignment, CourseError, Notebook, Paths, Role

FOLDER = "fairness"


@dataclass(frozen=True)
class Variant:
    """One right program: texts in place of the solved ones, by module's path or answer's name."""

    name: str
    texts: Mapping[str, str]


def load_variants(
    paths: Paths, assignment: Assignment, solved: Mapping[str, bytes]
) -> list[Variant]:
    """Read an assignment's variants. Raises CourseError if one doesn't fit the course."""
    folder = paths.assignments / FOLDER / assignment.name
    found = sorted(each for each in folder.glob("*") if each.is_dir() and each.name[0] not in "._")
    return [_load(each, assignment, solved) for each in found]


def _load(folder: Path, assignment: Assignment, solved: Mapping[str, bytes]) -> Variant:
    texts: dict[str, str] = {}
    lessons = {f"{notebook.name}.py": notebook for notebook in assignment.notebooks}
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder).as_posix()
        text = file.read_text(encoding="utf-8")
        try:
            if path in assignment.student_files:
                texts[path] = replace_definitions(solved[path].decode(), text)
            elif path in lessons:
                texts.update(_answers(lessons[path], text, file))
            else:
                raise CourseError(
                    f"{file}: {path} is neither a module that students write in nor <lesson>.py."
                )
        except SyntaxError as problem:
            raise CourseError(f"{file}, line {problem.lineno}: {problem.msg}.") from problem
    if not texts:
        raise CourseError(f"{folder} holds no right program: add a module, or remove the folder.")
    return Variant(folder.name, texts)


def _answers(notebook: Notebook, text: str, file: Path) -> dict[str, str]:
    """Return new texts of the answer cells that define what a variant's file defines."""
    names = {node.name for node in syntax_tree(text).body if isinstance(node, Definition)}
    texts = {}
    for cell in notebook.having(Role.ANSWER):
        defined = {n.name for n in syntax_tree(cell.source).body if isinstance(n, Definition)}
        if defined & names:
            others = [
                ast.unparse(node)
                for node in syntax_tree(text).body
                if not (isinstance(node, Definition) and node.name not in defined)
                and not is_docstring(node)
            ]
            texts[cell.id] = replace_definitions(cell.source, "\n\n".join(others))
            names -= defined
    if names:
        raise CourseError(f"{file}: no answer cell of {notebook.name} defines {sorted(names)[0]}.")
    return texts
