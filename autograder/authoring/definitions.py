"""Finds functions and classes in Python text, and puts others in their place."""

from __future__ import annotations

import ast
import io
import threading
import tokenize
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
MAX_SOURCE_CHARACTERS = 200_000  # no honest text is longer; a parser takes 300 bytes for each


_one_at_a_time = threading.Lock()


def syntax_tree(text: str | bytes, file: str = "<unknown>") -> ast.Module:
    """Parse text; raise what `ast.parse` raises.

    CPython 3.11 counts the depth of nesting in one place for all threads: where two of them make
    trees at once, each may get a SystemError. So nothing else in the grader calls `ast.parse`.
    """
    with _one_at_a_time:
        return ast.parse(text, file)  # noqa: TID251 - the one place


def parse(text: str) -> ast.Module | None:
    """Parse text that strangers wrote; None if it can't be parsed, or is too long to be tried."""
    if len(text) > MAX_SOURCE_CHARACTERS:
        return None
    try:
        return syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def source_text(content: bytes) -> str:
    """Return the text of a module as Python reads it.

    A module may name its encoding. In UTF-7, say, what looks like a comment can hold lines of code.
    """
    encoding = source_encoding(content)
    return content.decode(encoding, "replace").removeprefix("\ufeff")


def source_encoding(content: bytes) -> str:
    """Return the encoding that a module names; UTF-8 if it names none that Python knows."""
    try:
        return tokenize.detect_encoding(io.BytesIO(content).readline)[0]
    except SyntaxError:
        return "utf-8"


def functions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Yield the dotted names and nodes of the functions of a module, and of its classes."""
    for node in tree.body:
        if isinstance(node, Function):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")


def line_range(node: Definition) -> tuple[int, int]:
    """Return the first and last line of a definition, from 1, its decorators included."""
    return _first(node), node.end_lineno or node.lineno


def replace_definitions(text: str, other: str) -> str:
    """Return `text` with the functions and methods of `other` in place of those of the same name.

    What `text` doesn't have is added: imports above, everything else at the end of its class or of
    the module.
    """
    lines, others = text.split("\n"), other.split("\n")
    tree, changes = syntax_tree(text), syntax_tree(other)
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
        elif not is_docstring(node) and not isinstance(node, ast.Import | ast.ImportFrom):
            yield end, 0, ["", *_lines(node, others)]


def _lines(node: ast.stmt, lines: list[str]) -> list[str]:
    return lines[_first(node) - 1 : node.end_lineno]


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _after_docstring(tree: ast.Module) -> int:
    if tree.body and is_docstring(tree.body[0]):
        return tree.body[0].end_lineno or 0
    return 0


def is_docstring(node: ast.stmt) -> bool:
    """Is a statement nothing but a constant?"""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
