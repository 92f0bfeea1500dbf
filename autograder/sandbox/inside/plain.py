"""Cells of plain Python, which IPython would run as they are; also used by the grader.

The grader compiles the course's own cells once for a class. A notebook process that gets a cell's
code with its text neither translates nor compiles it.
"""

from __future__ import annotations

import ast
import inspect
import marshal
import re
import zlib
from types import CodeType

# Lines in which IPython changes even valid Python: blanks to remove, prompts of a pasted session.
_TO_BE_CLEANED = re.compile(r"\A\s|^[ \t]+$|^\s*(?:>>>|\.\.\.|In \[)", re.MULTILINE)


def with_end(cell: str) -> str:
    """Return a cell whose last line ends as the others do."""
    return cell if cell.endswith("\n") else f"{cell}\n"


def file_name(cell: str) -> str:
    """Return what a cell is called in warnings and tracebacks; a kernel names it alike."""
    return f"/tmp/ipykernel_1/{zlib.crc32(cell.encode('utf-8', 'replace'))}.py"  # noqa: S108


def is_clean(cell: str) -> bool:
    """Say whether IPython would change nothing in a cell if it is valid Python."""
    return not _TO_BE_CLEANED.search(cell)


def is_plain(cell: str) -> bool:
    """Say whether a cell is valid Python that awaits nothing, and IPython would change nothing."""
    if not is_clean(cell):
        return False
    try:
        code = compile(cell, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except Exception:
        return False
    return not code.co_flags & inspect.CO_COROUTINE


def dump(cell: str, tree: ast.Module) -> bytes:
    """Return the code of a cell, of which `tree` is the syntax tree, in marshal's format.

    Raises SyntaxError if it awaits something, or returns.
    """
    shown = tree.body[-1:] if isinstance(tree.body[-1], ast.Expr) else []
    others = ast.Module(tree.body[: len(tree.body) - len(shown)], [])
    codes = [compile(others, file_name(cell), "exec", dont_inherit=True)] if others.body else []
    if shown:
        last = ast.Interactive(shown)  # its value is an output
        codes.append(compile(last, file_name(cell), "single", dont_inherit=True))
    return marshal.dumps(codes)


def load(dumped: bytes) -> list[CodeType]:
    """Return what is to be run, one after the other."""
    codes: list[CodeType] = marshal.loads(dumped)  # noqa: S302 - from the grader
    return codes
