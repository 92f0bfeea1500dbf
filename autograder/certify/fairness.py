"""Right programs that are written differently: each must get full points.

assignments/fairness/<assignment>/<variant>/ holds modules with the paths of those that they change,
and files <lesson>.py for answer cells. A function or method in them takes the place of the one of
the same name; further functions, imports and constants are added. The rest is the solved course's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.model import Assignment, CourseError, Notebook, Paths, Role

FOLDER = "fairness"
Definition = ast.FunctionDef | ast.ClassDef


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


def replace_definitions(text: str, other: str) -> str:
    """Return `text` with the functions and methods of `other` in place of those of the same name.

    What `text` doesn't have is added: imports above, everything else at the end of its class or of
    the module.
    """
    lines, others = text.split("\n"), other.split("\n")
    tree, changes = ast.parse(text), ast.parse(other)
    edits = list(_edits(tree, changes, others, end=len(lines)))
    imports = [
        "\n".join(_lines(node, others))
        for node in changes.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    if imports:
        edits.append((_after_docstring(tree), 0, [*imports, ""]))
    for position, count, new in sorted(edits, key=lambda edit: -edit[0]):
        lines[position : position + count] = new
    return "\n".join(lines)


def _edits(
    tree: ast.Module | ast.ClassDef,
    changes: ast.Module | ast.ClassDef,
    others: list[str],
    end: int,
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (line from 0, how many lines go, lines that come)."""
    known = {node.name: node for node in tree.body if isinstance(node, Definition)}
    for node in changes.body:
        if isinstance(node, Definition) and node.name in known:
            old = known[node.name]
            if isinstance(node, ast.ClassDef) and isinstance(old, ast.ClassDef):
                yield from _edits(old, node, others, end=old.end_lineno or end)
            else:
                first = _first(old) - 1
                yield first, (old.end_lineno or old.lineno) - first, _lines(node, others)
        elif not _is_docstring(node) and not isinstance(node, ast.Import | ast.ImportFrom):
            yield end, 0, ["", *_lines(node, others)]


def _answers(notebook: Notebook, text: str, file: Path) -> dict[str, str]:
    """Return new texts of the answer cells that define what a variant's file defines."""
    names = {node.name for node in ast.parse(text).body if isinstance(node, Definition)}
    texts = {}
    for cell in notebook.having(Role.ANSWER):
        defined = {n.name for n in ast.parse(cell.source).body if isinstance(n, Definition)}
        if defined & names:
            others = [
                ast.unparse(node)
                for node in ast.parse(text).body
                if not (isinstance(node, Definition) and node.name not in defined)
                and not _is_docstring(node)
            ]
            texts[cell.id] = replace_definitions(cell.source, "\n\n".join(others))
            names -= defined
    if names:
        raise CourseError(f"{file}: no answer cell of {notebook.name} defines {sorted(names)[0]}.")
    return texts


def _lines(node: ast.stmt, lines: list[str]) -> list[str]:
    return lines[_first(node) - 1 : node.end_lineno]


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _after_docstring(tree: ast.Module) -> int:
    if tree.body and _is_docstring(tree.body[0]):
        return tree.body[0].end_lineno or 0
    return 0


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
