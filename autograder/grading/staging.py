"""Rebuilds a lesson from the course's cells and a student's answers, as a program for the sandbox.

Nothing of the student's notebook survives but the text of the answer cells: checks, order, metadata
and tags are the course's. The visible and the hidden part of a question become two steps, so that
neither can hide the other and no text of the hidden part stands in what a student gets to see.
"""

from __future__ import annotations

import ast
import hashlib
import py_compile
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from autograder.authoring import syntax_tree
from autograder.model import Assignment, Cell, Notebook, Program, Role, Step
from autograder.sandbox import compiled

HIDDEN = "/hidden"  # ends the id of a question's hidden step
PART = "/part"  # parts of a cell of imports


def stage(
    assignment: Assignment,
    notebook: Notebook,
    package: Mapping[str, bytes],
    answers: Mapping[str, str],
    seed: int,
    inputs: Mapping[str, np.ndarray],
) -> Program:
    """Return the program that runs `notebook` with `package` and `answers`.

    `answers` has a text for every answer cell; `inputs` are the hidden arrays, given to hidden
    steps only. `seed` is that of the whole grading run.
    """
    steps: list[Step] = []
    for cell in notebook.cells:
        if cell.role is Role.SETUP:
            parts = setup_parts(cell)
            steps += [Step(id_, text, replay=True, code=compiled(text)) for id_, text in parts]
        elif cell.role is Role.ANSWER:
            steps.append(Step(cell.id, answers[cell.id], replay=True))
        elif cell.role is Role.QUESTION:
            steps += _question_steps(cell, derive_seed(seed, assignment.name, cell.id), inputs)
    files = {**package, **_bytecode(assignment, package)}
    return Program(files=files, steps=tuple(steps), limits=assignment.limits)


def derive_seed(seed: int, *names: str) -> int:
    """Return a seed of 128 bits for one use; nobody gets from it to `seed` or to another use."""
    text = "/".join((str(seed), *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])


def setup_parts(cell: Cell) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of the parts in which a setup cell is run.

    A cell of imports is run one by one: a module with a syntax error then costs what needs that
    module, and not what is imported below it.
    """
    for number, text in enumerate(_imports(cell.source) or [cell.source]):
        yield (cell.id if number == 0 else f"{cell.id}{PART}{number}"), text


@lru_cache(maxsize=256)
def _imports(source: str) -> list[str]:
    """Return the statements of a cell of imports; nothing if it is none, or has one only."""
    if source.lstrip().startswith(("%", "!")):
        return []
    statements = syntax_tree(source).body
    are_imports = all(isinstance(each, ast.Import | ast.ImportFrom) for each in statements)
    if not are_imports or len(statements) < 2:
        return []
    return [ast.get_source_segment(source, each) or "" for each in statements]


def _bytecode(assignment: Assignment, package: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files that spare each notebook the compilation of the course's own modules."""
    modules = [path for path in assignment.given_files if path.endswith(".py")]
    return dict(_compiled(path, package[path]) for path in modules)


@lru_cache(maxsize=256)
def _compiled(path: str, content: bytes) -> tuple[str, bytes]:
    """Return the name and the content of a module's .pyc file.

    Python takes it only while the module's text is what it was made from.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "module.py"), Path(folder, "module.pyc")
        source.write_bytes(content)
        mode = py_compile.PycInvalidationMode.CHECKED_HASH
        py_compile.compile(str(source), str(target), path, doraise=True, invalidation_mode=mode)
        place = PurePosixPath(path)
        name = place.parent / "__pycache__" / f"{place.stem}.{sys.implementation.cache_tag}.pyc"
        return str(name), target.read_bytes()


def _question_steps(cell: Cell, seed: int, inputs: Mapping[str, np.ndarray]) -> Iterator[Step]:
    yield Step(cell.id, cell.source, question=cell.id, seed=seed, code=compiled(cell.source))
    wanted = {name: inputs[name] for name in inputs if f'"{name}"' in cell.hidden}
    yield Step(
        cell.id + HIDDEN,
        cell.hidden,
        question=cell.id,
        seed=seed,
        inputs=wanted,
        code=compiled(cell.hidden),
    )


def cell_of(step_id: str) -> str:
    """Return the id of the cell that a step belongs to."""
    return step_id.removesuffix(HIDDEN).partition(PART)[0]
