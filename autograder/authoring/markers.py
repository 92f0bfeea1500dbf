"""Finds and cuts what students never see: solutions, and the hidden part of questions.

A region begins and ends with a marker line, `### BEGIN SOLUTION` ... `### END SOLUTION` or
`### BEGIN HIDDEN TESTS` ... `### END HIDDEN TESTS`, spelled exactly so. Everything here fails
closed: a line that only looks like a marker, a pair that doesn't match, a marker inside a string,
or a stub that isn't the solved text minus its regions raises a CourseError instead of handing
anything out.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from autograder.authoring.definitions import syntax_tree
from autograder.model import Cell, CourseError, Role

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
WRITTEN_STUB = "*Write your answer here, in place of this line.*"

_EXACT = {BEGIN_SOLUTION, END_SOLUTION, BEGIN_HIDDEN, END_HIDDEN}
# Comments that shout BEGIN or END, comments that name a region in any case, and whatever nbgrader,
# which searches for the bare words anywhere in a line, would take for a marker.
_LIKE_A_MARKER = re.compile(
    r"#\s*(BEGIN|END)\b"
    r"|#\W*(?i:(begin|end)[\W_]*(sol|hid|test|mark))"
    r"|(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)"
)
_MAGIC = re.compile(r"^([ \t]*)(?:[%!].*|\??[\w.]+\?{1,2})$", re.MULTILINE)  # IPython's commands

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class _Region:
    """Lines `begin` to `end`, markers included, counted from 0."""

    begin: int
    end: int


@lru_cache(maxsize=256)
def strip_solution(text: str, name: str) -> str:
    """Return `text` with each solution region replaced by `raise NotImplementedError("...")`.

    `name` is the path of a module, which ends in .py, or the name of an answer cell. A stub names
    the function or "Class.method" that is missing; outside of functions, a cell's names the answer.
    """
    if name.endswith(".py"):
        return _strip_module(text, name)
    return _strip_cell(text, name)


def strip_written(text: str, name: str) -> str:
    """Return what students find in place of a model answer in words."""
    lines = text.split("\n")
    regions = _regions(lines, name, BEGIN_SOLUTION, END_SOLUTION)
    if [(region.begin, region.end) for region in regions] != [(0, len(lines) - 1)]:
        raise CourseError(
            f"{name}: the cell of a written question holds its model answer and nothing else, "
            f"between the lines {BEGIN_SOLUTION} and {END_SOLUTION}."
        )
    if not "".join(lines[1:-1]).strip():
        raise CourseError(f"{name}: the model answer is empty.")
    return WRITTEN_STUB


def handed_out_text(cell: Cell) -> str:
    """Return the text with which students receive a cell."""
    if cell.role is Role.ANSWER:
        return strip_solution(cell.source, cell.id)
    if cell.role is Role.WRITTEN:
        return strip_written(cell.source, cell.id)
    return cell.source


def require_strippable(cell: Cell, where: str) -> None:
    """Raise, with `where` in the message, if a cell's solution couldn't be cut out."""
    try:
        handed_out_text(cell)
    except CourseError as problem:
        raise CourseError(f"{where.removesuffix(cell.id)}{problem}") from None


@lru_cache(maxsize=1024)  # grading asks for each student anew
def split_hidden(text: str, name: str = "a question") -> tuple[str, str]:
    """Return the visible and the hidden part of a question's cell; "" if nothing is hidden."""
    lines = text.split("\n")
    regions = _regions(lines, name, BEGIN_HIDDEN, END_HIDDEN)
    if not regions:
        return text, ""
    if len(regions) > 1 or regions[0].end != len(lines) - 1 or lines[-1] != END_HIDDEN:
        raise CourseError(
            f"{name}: a question's cell ends with one hidden part, not indented, "
            f"from {BEGIN_HIDDEN} to {END_HIDDEN}."
        )
    _require_comments(text, regions, name)
    begin, end = regions[0].begin, regions[0].end
    visible, hidden = (
        "\n".join(part).strip("\n") for part in (lines[:begin], lines[begin + 1 : end])
    )
    for part in (visible, hidden):
        _parse(part, name)
    return visible, hidden


def require_no_markers(text: str, name: str, allowed: tuple[str, ...] = ()) -> None:
    """Raise if a line of `text` is, or looks like, a marker that isn't allowed here."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() not in allowed and _LIKE_A_MARKER.search(line):
            what = "stands where none belongs" if line.strip() in _EXACT else "is misspelt"
            raise CourseError(f"{name}, line {number}: the marker {line.strip()!r} {what}.")


def solution_only(text: str) -> str:
    """Return a solved text without its marker lines, as a student would have written it."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if line.strip() not in (BEGIN_SOLUTION, END_SOLUTION))


def _regions(lines: list[str], name: str, begin: str, end: str) -> list[_Region]:
    """Pair the markers; the lines outside and inside must hold no others."""
    regions, opened = [], -1
    require_no_markers("\n".join(lines), name, allowed=(begin, end))
    for number, line in enumerate(lines):
        if line.strip() == begin:
            if opened >= 0:
                raise CourseError(f"{name}, line {number + 1}: {begin} inside another one.")
            opened = number
        elif line.strip() == end:
            if opened < 0:
                raise CourseError(f"{name}, line {number + 1}: {end} without {begin}.")
            if _indent(line) != _indent(lines[opened]):
                raise CourseError(
                    f"{name}, line {number + 1}: {end} is indented otherwise than its {begin}."
                )
            regions.append(_Region(opened, number))
            opened = -1
    if opened >= 0:
        raise CourseError(f"{name}, line {opened + 1}: {begin} without {end}.")
    return regions


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _strip_cell(text: str, name: str) -> str:
    tree = _parse(text, name)
    regions = _solution_regions(text, tree, name)
    missing = [_function_around(tree, region) or name for region in regions]
    stub = _replace(text.split("\n"), regions, missing)
    solved = {
        path: face
        for path, (line, face) in _faces(tree).items()
        if not any(region.begin < line - 1 < region.end for region in regions)
    }
    _require_same(solved, _parse(stub, f"the stub of {name}"), name)
    return stub


def _strip_module(text: str, name: str) -> str:
    tree = _parse(text, name)
    regions = _solution_regions(text, tree, name)
    missing = []
    for region in regions:
        missing.append(_function_around(tree, region))
        if not missing[-1]:
            raise CourseError(
                f"{name}, line {region.begin + 1}: a solution in a module stands inside a "
                "function; elsewhere the stub couldn't be imported."
            )
    stub = _replace(text.split("\n"), regions, missing)
    solved = {path: face for path, (_, face) in _faces(tree).items()}
    after = _parse(stub, f"the stub of {name}")
    _require_same(solved, after, name)
    if _given_statements(tree) != _given_statements(after):
        raise CourseError(f"{name}: a solution reaches beyond its function.")
    return stub


def _solution_regions(text: str, tree: ast.Module, name: str) -> list[_Region]:
    regions = _regions(text.split("\n"), name, BEGIN_SOLUTION, END_SOLUTION)
    if not regions:
        raise CourseError(
            f"{name}: nothing is left to students here; put {BEGIN_SOLUTION} and {END_SOLUTION} "
            "around what they write."
        )
    _require_comments(text, regions, name)
    for region in regions:
        _require_code(tree, region, name)
    return regions


def _replace(lines: list[str], regions: list[_Region], missing: list[str]) -> str:
    stub, position = [], 0
    for region, function in zip(regions, missing, strict=True):
        stub += lines[position : region.begin]
        stub.append(f'{_indent(lines[region.begin])}raise NotImplementedError("{function}")')
        position = region.end + 1
    return "\n".join(stub + lines[position:])


def _parse(text: str, name: str) -> ast.Module:
    try:
        return syntax_tree(_without_magics(text))
    except (SyntaxError, ValueError) as problem:
        line = getattr(problem, "lineno", None)
        where = f", line {line}" if line else ""
        raise CourseError(f"{name}{where}: not valid Python: {problem}.") from problem


def _without_magics(text: str) -> str:
    """Return the text as plain Python, line for line: IPython's commands become `pass`."""
    try:
        syntax_tree(text)
    except SyntaxError:
        return _MAGIC.sub(r"\1pass", text)
    return text


def _require_comments(text: str, regions: list[_Region], name: str) -> None:
    """Raise unless each marker is a comment of its own: in a string it would be text."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(_without_magics(text)).readline))
    except (tokenize.TokenError, SyntaxError) as problem:
        raise CourseError(f"{name}: not valid Python: {problem}.") from problem
    comments = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    for region in regions:
        for number in (region.begin + 1, region.end + 1):
            if number not in comments:
                raise CourseError(f"{name}, line {number}: this marker stands inside a string.")


def _require_code(tree: ast.Module, region: _Region, name: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and region.begin < node.lineno - 1 < region.end:
            return
    raise CourseError(f"{name}, line {region.begin + 1}: there is no code in this solution.")


def _function_around(tree: ast.Module, region: _Region) -> str:
    """Return the dotted path of the function whose body a region begins in, or ""."""
    for path, node in _definitions(tree):
        last = (node.end_lineno or node.lineno) - 1
        if isinstance(node, _Function) and node.lineno - 1 < region.begin <= last:
            in_signature = node.body[0].lineno - 1 > region.end
            return "" if in_signature else path
    return ""


def _definitions(
    tree: ast.Module | ast.ClassDef, prefix: str = ""
) -> Iterator[tuple[str, _Function | ast.ClassDef]]:
    """Yield the functions, classes and methods of a module, by dotted path."""
    for node in tree.body:
        if isinstance(node, _Function | ast.ClassDef):
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node, f"{prefix}{node.name}.")


def _faces(tree: ast.Module) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return the line and the face of each definition by its dotted path."""
    return {path: (node.lineno, _face(node)) for path, node in _definitions(tree)}


def _require_same(solved: Mapping[str, tuple[str, ...]], stub: ast.Module, name: str) -> None:
    """Raise unless signatures, docstrings and decorators of the stub are those of the solution."""
    after = {path: face for path, (_, face) in _faces(stub).items()}
    for path in sorted(solved.keys() | after.keys()):
        if solved.get(path) != after.get(path):
            raise CourseError(
                f"{name}: the stub of {path} has another signature or docstring than the solution."
            )


def _given_statements(tree: ast.Module | ast.ClassDef) -> list[str]:
    """Return the statements of a module and its classes that no function holds."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found += _given_statements(node)
        elif not isinstance(node, _Function):
            found.append(ast.dump(node))
    return found


def _face(node: _Function | ast.ClassDef) -> tuple[str, ...]:
    """What a caller sees of a definition."""
    doc = ast.get_docstring(node, clean=False) or ""
    decorators = [ast.dump(each) for each in node.decorator_list]
    if isinstance(node, ast.ClassDef):
        bases: list[ast.expr | ast.keyword] = [*node.bases, *node.keywords]
        return ("class", doc, *decorators, *(ast.dump(each) for each in bases))
    returns = ast.dump(node.returns) if node.returns else ""
    return (type(node).__name__, doc, ast.dump(node.args), returns, *decorators)
