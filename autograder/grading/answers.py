"""Finds a student's answers in whatever notebook file came in.

Answer cells are known by their id. Programs that save notebooks their own way lose ids and
metadata; then an answer is found by likeness: the names that it defines, the words it shares with
the cell that was handed out, and the cell in front of it. Where an answer's cell is as it was
handed out, the answer may stand in another one: that which defines the same names.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.authoring import parse
from autograder.model import Cell, Notebook, Role

LIKE_ENOUGH = 0.45  # a kept definition alone gives 0.5
MAX_CELLS = 2_000
MAX_COMPARED = 4_000  # characters of a cell that likeness looks at


@dataclass(frozen=True)
class Answers:
    """What was found: the text by the answer's name, and notes for people."""

    texts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A cell of the student's file."""

    index: int
    code: bool
    text: str
    ids: frozenset[str]


def find_answers(
    content: bytes | None, notebook: Notebook, handed_out: Mapping[str, str]
) -> Answers:
    """Return the student's answers to the notebook's answer and written cells.

    `handed_out` has the text with which each of them was handed out, by name. Raises nothing: a
    file that can't be read gives no answers and a note.
    """
    if content is None:
        return Answers()
    notes: list[str] = []
    try:
        cells = _read_cells(content)
    except (ValueError, RecursionError) as problem:
        said = "it is nested too deeply" if isinstance(problem, RecursionError) else problem
        return Answers(notes=(f"{notebook.name}.ipynb can't be read: {said}.",))
    if len(cells) > MAX_CELLS:
        cells = cells[:MAX_CELLS]
        notes.append(
            f"{notebook.name}.ipynb has more than {MAX_CELLS} cells; the rest was not looked at."
        )
    wanted = [cell for cell in notebook.cells if cell.role in (Role.ANSWER, Role.WRITTEN)]
    texts: dict[str, str] = {}
    taken: set[int] = set()
    for cell in wanted:
        named = [found for found in cells if cell.id in found.ids]
        if named:
            changed = [found for found in named if not _is_as(handed_out[cell.id], found.text)]
            chosen = (changed or named)[0]
            texts[cell.id] = chosen.text
            taken.update(found.index for found in named)
            if len(named) > 1:
                notes.append(
                    f"{len(named)} cells claim to be {cell.id}; the first changed one counts."
                )
    names = {cell.id for cell in notebook.cells}
    free = [found for found in cells if found.index not in taken and not found.ids & names]
    unnamed = [cell for cell in wanted if cell.id not in texts]
    pairs = _pair_by_likeness(unnamed, free, cells, notebook, handed_out)
    texts.update({cell.id: found.text for cell, found in pairs})
    if pairs:
        found_names = ", ".join(cell.id for cell, _ in pairs)
        notes.append(f"{notebook.name}.ipynb has lost labels; found by their text: {found_names}.")
    used = {found.index for _, found in pairs}
    for cell in wanted:
        if _is_as(handed_out[cell.id], texts.get(cell.id, "")):
            left = [found for found in free if found.index not in used]
            elsewhere = _find_elsewhere(cell, handed_out[cell.id], left, cells)
            if elsewhere:
                found, text = elsewhere
                texts[cell.id] = text
                used.add(found.index)
                place = "".join(f", {name}" for name in sorted(found.ids & names))
                notes.append(
                    f"The answer {cell.id} was found in another cell{place}: "
                    "please write it where it is asked for."
                )
    return Answers(texts, tuple(notes))


def _find_elsewhere(
    cell: Cell, handed_out: str, free: Sequence[_Found], cells: Sequence[_Found]
) -> tuple[_Found, str] | None:
    """Return the cell that has the answer in place of `cell`, and the answer's text."""
    if cell.role is Role.WRITTEN:
        own = {found.index for found in cells if cell.id in found.ids}
        below = [found for found in free if found.index - 1 in own and not found.code]
        return next(((found, found.text) for found in below if found.text.strip()), None)
    wanted = _defined(handed_out)
    for found in free:
        if found.code and wanted and wanted <= _defined(found.text) and not _is_stub(found.text):
            return found, found.text
    for found in cells:
        # In a cell that has a purpose of its own, only functions can be told from the rest.
        text = _definitions(found.text) if cell.id not in found.ids else ""
        if wanted and wanted <= _defined(text) and not _is_stub(text):
            return found, text
    return None


def _definitions(text: str) -> str:
    """Return the imports, functions and classes of a cell."""
    tree = parse(text)
    if tree is None:
        return ""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    lines = text.split("\n")
    return "\n\n".join(
        "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in tree.body
        if isinstance(node, kinds)
    )


def _is_as(handed_out: str, text: str) -> bool:
    """Is there nothing of the student's in this text?"""
    return text.strip() in ("", handed_out.strip()) or _is_stub(text)


def _is_stub(text: str) -> bool:
    return "raise NotImplementedError" in text


def _read_cells(content: bytes) -> list[_Found]:
    """Parse notebook format 3 or 4 without trusting any of it. Raises ValueError in plain words."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError("it is not text") from problem
    if re.search(r"^<<<<<<< ", text, re.MULTILINE):
        raise ValueError("it contains the marks of an unresolved merge conflict")
    if not text.strip():
        raise ValueError("it is empty")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as problem:
        raise ValueError(f"it is damaged near line {problem.lineno}") from problem
    except ValueError as problem:
        raise ValueError("it has a number that is far too long") from problem
    if not isinstance(document, dict):
        raise ValueError("it is not a notebook")  # noqa: TRY004 - one kind of trouble for callers
    cells = document.get("cells")
    if cells is None:
        sheets = document.get("worksheets")
        first = sheets[0] if isinstance(sheets, list) and sheets else {}
        cells = first.get("cells") if isinstance(first, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it has no cells")  # noqa: TRY004 - as above
    found = [_read_cell(index, cell) for index, cell in enumerate(cells[: MAX_CELLS + 1])]
    return [cell for cell in found if cell is not None]


def _read_cell(index: int, cell: Any) -> _Found | None:
    if not isinstance(cell, dict):
        return None
    text = cell.get("source", cell.get("input", ""))
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str):
        return None
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    label = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    ids = frozenset(name for name in (label, cell.get("id")) if isinstance(name, str))
    return _Found(index, cell.get("cell_type") == "code", text, ids)


def _pair_by_likeness(
    wanted: Sequence[Cell],
    free: Sequence[_Found],
    cells: Sequence[_Found],
    notebook: Notebook,
    handed_out: Mapping[str, str],
) -> list[tuple[Cell, _Found]]:
    """Pair each wanted cell with the free cell most like it, best pairs first."""
    text_at = {cell.index: cell.text.strip() for cell in cells}
    scores = []
    for order, cell in enumerate(wanted):
        position = notebook.cells.index(cell)
        before = notebook.cells[position - 1].source.strip() if position else ""
        for found in free:
            if found.code is (cell.role is Role.ANSWER):
                neighbour = bool(before) and text_at.get(found.index - 1) == before
                # An answer in words keeps nothing of its cell but the question in front of it.
                weight = 0.5 if cell.role is Role.WRITTEN else 0.3
                score = _likeness(handed_out[cell.id], found.text) + weight * neighbour
                scores.append((-score, order, found.index, cell, found))
    pairs: list[tuple[Cell, _Found]] = []
    used_cells, used_found = set(), set()
    for score, order, index, cell, found in sorted(scores, key=lambda row: row[:3]):
        if -score >= LIKE_ENOUGH and order not in used_cells and index not in used_found:
            used_cells.add(order)
            used_found.add(index)
            pairs.append((cell, found))
    return pairs


def _likeness(handed_out: str, text: str) -> float:
    """Return 0 to 1: half for defining the same names, half for sharing words."""
    names = _defined(handed_out)
    defined = len(names & _defined(text)) / len(names) if names else 0.0
    words = difflib.SequenceMatcher(
        None, handed_out[:MAX_COMPARED].split(), text[:MAX_COMPARED].split(), autojunk=False
    ).ratio()
    return 0.5 * defined + 0.5 * words


def _defined(text: str) -> set[str]:
    """Return the names that a text defines at its left margin."""
    found = re.findall(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", text, re.MULTILINE)
    return {function or variable for function, variable in found}
