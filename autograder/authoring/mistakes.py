"""Reads the catalogue of known mistakes: assignments/mistakes/<assignment>/*.toml.

    [[mistake]]
    name = "dw-averaged-twice"              # once in an assignment
    function = "cs231n/layers.py:affine_backward"   # or "lesson:answer_code"
    change = [["x.T @ dout", "x.T @ dout / len(x)"]]
    diagnosis = "dw is divided by the number of examples once more."
    explanation = "..."                     # a paragraph that teaches
    hints = ["...", "..."]                  # the second helps more; neither is the answer

Each `change` is a text that stands once in the solved function, and what people write in its place.
Where that can't say it, `body` is the whole function (a method: inside its class), with imports and
helpers if it needs them. Several mistakes at once need no entry: grading combines those of a
question.

`autograder mistakes ASSIGNMENT --prove` writes beside them, into caught.json, which questions catch
each mistake. Grading doesn't try a mistake on a student who passed one of these.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.authoring.definitions import functions, line_range, replace_definitions, syntax_tree
from autograder.authoring.package import package_files
from autograder.model import Assignment, CourseError, Mistake, Paths, Role

FOLDER = "mistakes"
CAUGHT = "caught.json"
UNWRITTEN = "TODO"  # begins texts that `autograder mistakes --add` leaves to people
KEYS = {"name", "function", "change", "body", "diagnosis", "explanation", "hints"}


def load_mistakes(paths: Paths, assignment: Assignment) -> list[Mistake]:
    """Read an assignment's known mistakes. Raises CourseError if one doesn't fit the course."""
    texts = _solved_texts(paths, assignment)
    found: dict[str, Mistake] = {}
    for file in sorted((paths.assignments / FOLDER / assignment.name).glob("*.toml")):
        for row in _rows(file):
            mistake = _mistake(row, texts, file)
            if mistake.name in found:
                raise CourseError(f"{file}: there are two mistakes called {mistake.name!r}.")
            found[mistake.name] = mistake
    return list(found.values())


def load_caught(paths: Paths, assignment: str) -> dict[str, frozenset[str]]:
    """Read which questions catch each known mistake; nothing is known of those that are new."""
    file = paths.assignments / FOLDER / assignment / CAUGHT
    if not file.is_file():
        return {}
    try:
        table = json.loads(file.read_text(encoding="utf-8"))["caught"]
        return {name: frozenset(questions) for name, questions in table.items()}
    except (ValueError, KeyError, AttributeError, TypeError) as problem:
        raise CourseError(
            f"{file} is damaged: remove it and run `autograder mistakes {assignment} --prove`."
        ) from problem


def write_caught(
    paths: Paths, assignment: str, caught: Mapping[str, Iterable[str]], computed_from: str
) -> Path:
    """Write which questions catch each known mistake, by what proof; return where."""
    file = paths.assignments / FOLDER / assignment / CAUGHT
    table = {name: sorted(caught[name]) for name in sorted(caught)}
    content = {"computed_from": computed_from, "caught": table}
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return file


def _solved_texts(paths: Paths, assignment: Assignment) -> dict[str, tuple[str, str]]:
    """Return (name to replace it by, text) of all that students write, by first part of a place."""
    solved = package_files(paths, assignment, solved=True)
    texts = {path: (path, solved[path].decode()) for path in assignment.student_files}
    for notebook in assignment.notebooks:
        for cell in notebook.having(Role.ANSWER):
            texts[f"{notebook.name}:{cell.id}"] = (cell.id, cell.source)
    return texts


def _rows(file: Path) -> Iterable[Mapping[str, Any]]:
    try:
        rows: list[Mapping[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["mistake"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as problem:
        raise CourseError(f"{file} can't be used: {problem}.") from problem
    return rows


def _mistake(row: Mapping[str, Any], texts: Mapping[str, tuple[str, str]], file: Path) -> Mistake:
    where = f"{file}, mistake {row.get('name', '?')!r}"
    needed = KEYS - {"change", "body"}
    unknown, lacking = sorted(row.keys() - KEYS), sorted(needed - row.keys())
    if unknown or lacking or len(row.keys() & {"change", "body"}) != 1:
        raise CourseError(
            f"{where}: it needs {', '.join(sorted(needed))}, and either change or body"
            + (f"; {unknown[0]} is not known." if unknown else ".")
        )
    if len(row["hints"]) != 2:
        raise CourseError(f"{where}: it needs two hints.")
    if any(text.startswith(UNWRITTEN) for text in (row["diagnosis"], row["explanation"])):
        raise CourseError(f"{where}: its texts are still to be written.")
    place, _, function = row["function"].rpartition(":")
    known = texts.get(place) or texts.get(row["function"])
    if not known:
        raise CourseError(f"{where}: students write nothing called {row['function']}.")
    replaced, text = known
    try:
        if "body" in row:
            changed = replace_definitions(text, row["body"].strip("\n"))  # which parses it
        else:
            changed = _changed(text, function if place in texts else "", row["change"])
    except (SyntaxError, ValueError) as problem:
        raise CourseError(f"{where}: {problem}.") from problem
    return Mistake(
        name=row["name"],
        function=row["function"],
        diagnosis=_one_line(row["diagnosis"]),
        explanation=_one_line(row["explanation"]),
        hints=tuple(_one_line(hint) for hint in row["hints"]),
        texts={replaced: changed},
    )


@lru_cache(maxsize=64)
def _line_ranges(text: str) -> dict[str, tuple[int, int]]:
    """Return the lines of each function; many mistakes are about the same modules."""
    return {name: line_range(node) for name, node in functions(syntax_tree(text))}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _changed(text: str, function: str, changes: Iterable[tuple[str, str]]) -> str:
    """Return `text` with parts of one function, or of all of it, replaced."""
    first, last = 1, text.count("\n") + 1
    if function:
        ranges = _line_ranges(text)
        if function not in ranges:
            raise ValueError(f"there is no function {function}")
        first, last = ranges[function]
    lines = text.split("\n")
    piece = "\n".join(lines[first - 1 : last])
    for before, after in ([text.strip("\n") for text in change] for change in changes):
        if piece.count(before) != 1:
            raise ValueError(f"{before!r} stands there {piece.count(before)} times, not once")
        piece = piece.replace(before, after)
    syntax_tree(dedent(piece))
    return "\n".join([*lines[: first - 1], piece, *lines[last:]])
