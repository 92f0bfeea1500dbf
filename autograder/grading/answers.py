"""Finds a student's answers in whatever notebook file came in.

Answer cells are known by their id. Programs that save notebooks their own way lose ids and
metadata; then an answer is found by likeness: the names that it defines, the words it shares with
the cell that was handed out, and the cell in front of it.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    try:
        cells = _read_cells(content)
    except (ValueError, RecursionError) as problem:
        return Answers(notes=(f"{notebook.name}.ipynb can't be read: {problem}.",))
    wanted = [cell for cell in notebook.cells if cell.role in (Role.ANSWER, Role.WRITTEN)]
    texts, notes = {}, []
    taken: set[int] = set()
    for cell in wanted:
        named = [found for found in cells if cell.id in found.ids]
        if named:
            changed = [
                found for found in named if found.text.strip() != handed_out[cell.id].strip()
            ]
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
    return Answers(texts, tuple(notes))


def _read_cells(content: bytes) -> list[_Found]:
    """Parse notebook format 3 or 4 without trusting any of it. Raises ValueError in plain words."""
    text = content.decode("utf-8-sig")
    if re.search(r"^<<<<<<< ", text, re.MULTILINE):
        raise ValueError("it contains the marks of an unresolved merge conflict")
    if not text.strip():
        raise ValueError("it is empty")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as problem:
        raise ValueError(f"it is damaged near line {problem.lineno}") from problem
    if not isinstance(document, dict):
        raise ValueError("it is not a notebook")  # noqa: TRY004 - one kind of trouble for callers
    cells = document.get("cells")
    if cells is None:
        sheets = document.get("worksheets")
        first = sheets[0] if isinstance(sheets, list) and sheets else {}
        cells = first.get("cells") if isinstance(first, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it has no cells")  # noqa: TRY004 - as above
    found = [_read_cell(index, cell) for index, cell in enumerate(cells[:MAX_CELLS])]
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
    names = set(re.findall(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=", handed_out, re.MULTILINE))
    kept = set(re.findall(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=", text, re.MULTILINE))
    defined = len(names & kept) / len(names) if names else 0.0
    words = difflib.SequenceMatcher(
        None, handed_out[:MAX_COMPARED].split(), text[:MAX_COMPARED].split(), autojunk=False
    ).ratio()
    return 0.5 * defined + 0.5 * words
