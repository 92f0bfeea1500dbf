"""Cuts an assignment down to some questions, and to the cells that these need."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable

from autograder.authoring import syntax_tree
from autograder.model import Assignment, Cell, Notebook, Role


def without_questions(assignment: Assignment, questions: Iterable[str]) -> Assignment:
    """Return the assignment without these questions."""
    left_out = set(questions)
    notebooks = tuple(
        dataclasses.replace(
            notebook,
            cells=tuple(
                cell
                for cell in notebook.cells
                if cell.role is not Role.QUESTION or cell.id not in left_out
            ),
        )
        for notebook in assignment.notebooks
    )
    return dataclasses.replace(assignment, notebooks=notebooks)


def asking(assignment: Assignment, questions: frozenset[str], is_slim: bool) -> Assignment:
    """Return the assignment with these questions alone, and the notebooks that have one."""
    all_questions = {
        cell.id for notebook in assignment.notebooks for cell in notebook.having(Role.QUESTION)
    }
    chosen = without_questions(assignment, all_questions - questions)
    kept = [notebook for notebook in chosen.notebooks if notebook.having(Role.QUESTION)]
    if is_slim:
        kept = [_slim(notebook) for notebook in kept]
    return dataclasses.replace(chosen, notebooks=tuple(kept))


def _slim(notebook: Notebook) -> Notebook:
    """Leave out setup cells that bind no name that a later cell needs."""
    needed: set[str] = set()
    kept: list[Cell] = []
    for cell in reversed(notebook.cells):
        if cell.role in (Role.QUESTION, Role.ANSWER, Role.SETUP):
            try:
                loads, stores = _names(f"{cell.source}\n{cell.hidden}")
            except SyntaxError:  # IPython's commands
                return notebook
            if cell.role is Role.SETUP and stores and not stores & needed:
                continue
            needed |= loads
        kept.append(cell)
    return dataclasses.replace(notebook, cells=tuple(reversed(kept)))


def _names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell takes from cells before it, and those that it binds."""
    loads: set[str] = set()
    stores: set[str] = set()
    for statement in syntax_tree(source).body:
        own_loads: set[str] = set()
        own_stores: set[str] = set()
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                (own_loads if isinstance(node.ctx, ast.Load) else own_stores).add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                own_stores.add(node.name)
            elif isinstance(node, ast.alias):
                own_stores.add((node.asname or node.name).partition(".")[0])
        loads |= own_loads - stores
        if isinstance(statement, ast.AugAssign):
            loads |= own_stores - stores
        stores |= own_stores
    return loads, stores
