"""Reads an assignment: assignment.toml, and the lessons that it names.

Whatever is wrong in there is a CourseError that names the file and the key, before anything is
built or graded from it.
"""

from __future__ import annotations

import ast
import dataclasses
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from autograder.authoring.definitions import syntax_tree
from autograder.authoring.freshness import is_stale
from autograder.authoring.lessons import read_built, read_lesson
from autograder.model import (
    Assignment,
    CourseError,
    HiddenData,
    Limits,
    Notebook,
    Paths,
    Role,
    SourceRule,
)

TOML = "assignment.toml"
T = TypeVar("T")


def list_assignments(paths: Paths) -> list[str]:
    """Return the names of the folders in assignments/ that hold an assignment.toml."""
    return sorted(file.parent.name for file in paths.assignments.glob(f"*/{TOML}"))


def load_assignment(paths: Paths, name: str) -> Assignment:
    """Read an assignment as authored.

    Where source/ is a build of just these lessons, they are read from there: the same cells in a
    few milliseconds.
    """
    built = paths.source / name
    if is_stale(paths, name) or not built.is_dir():
        return author_assignment(paths, name)
    table = _Table.of(paths, name)
    names = table.names("notebooks")
    return _assemble(table, tuple(read_built(built / f"{each}.ipynb") for each in names))


def editable_files(paths: Paths) -> dict[str, list[str]]:
    """Return, by assignment, the files that belong to students; no lesson is read for it.

    nbgrader_config.py tells nbgrader with it not to put the course's stubs over them in grading.
    """
    found = {}
    for name in list_assignments(paths):
        table = _Table.of(paths, name)
        found[name] = [*table.files("student_files"), *table.files("extra_files", [])]
    return found


def author_assignment(paths: Paths, name: str) -> Assignment:
    """Read an assignment from what people wrote, whatever is built."""
    table = _Table.of(paths, name)
    notebooks = []
    for each in table.names("notebooks"):
        lesson = table.folder / f"{each}.py"
        if not lesson.is_file():
            raise CourseError(f"{table.file}: notebooks names {each!r}, but {lesson} is missing.")
        notebooks.append(read_lesson(lesson))
    assignment = _assemble(table, tuple(notebooks))
    for path in (*assignment.student_files, *assignment.given_files):
        authored_file(paths, name, path)
    return assignment


def authored_file(paths: Paths, name: str, path: str) -> Path:
    """Return where a file of an assignment is written: in its own folder, or beside all of them."""
    for folder in (paths.assignments / name, paths.assignments):
        if (folder / path).is_file():
            return folder / path
    raise CourseError(
        f"{paths.assignments / name / TOML} names {path!r}, but neither "
        f"{paths.assignments / name / path} nor {paths.assignments / path} exists."
    )


class _Table:
    """A table of a TOML file from which keys are taken; keys that nobody took are mistakes."""

    def __init__(self, paths: Paths, name: str, values: Mapping[str, Any], key: str = "") -> None:
        self.paths = paths
        self.name = name
        self.values = dict(values)
        self.key = key

    @classmethod
    def of(cls, paths: Paths, name: str) -> _Table:
        file = paths.assignments / name / TOML
        if not file.is_file():
            known = ", ".join(list_assignments(paths)) or "none"
            raise CourseError(f"There is no assignment {name!r}: no {file}. There are: {known}.")
        try:
            return cls(paths, name, tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise CourseError(f"{file} isn't valid TOML: {problem}.") from problem

    @property
    def folder(self) -> Path:
        return self.paths.assignments / self.name

    @property
    def file(self) -> Path:
        return self.folder / TOML

    def inner(self, values: Mapping[str, Any], key: str) -> _Table:
        return _Table(self.paths, self.name, values, f"{key}.")

    def error(self, key: str, problem: str) -> CourseError:
        return CourseError(f"{self.file}: {self.key}{key} {problem}")

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        value = self.values.pop(key, default)
        if value is None:
            raise self.error(key, "is missing.")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"must be {_in_words(kind)}, not {value!r}.")
        return value

    def strings(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        values = self.take(key, list, default)
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, f"must be a list of texts, not {values!r}.")
        repeated = [value for value in values if values.count(value) > 1]
        if repeated:
            raise self.error(key, f"names {repeated[0]!r} twice.")
        return tuple(values)

    def names(self, key: str) -> tuple[str, ...]:
        names = self.strings(key)
        self.values[key] = list(names)  # asked for twice: for the lessons, and for the rest
        bad = [name for name in names if not name.isidentifier()]
        if bad or not names:
            raise self.error(key, f"must be names of lessons without a suffix, not {list(names)}.")
        return names

    def files(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        files = self.strings(key, default)
        for file in files:
            path = PurePosixPath(file)
            plain = str(path) == file and "\\" not in file and ":" not in file
            if not plain or path.is_absolute() or ".." in path.parts or file == ".":
                raise self.error(
                    key, f"must be paths inside the assignment's folder, not {file!r}."
                )
        return files

    def tables(self, key: str) -> list[_Table]:
        values = self.take(key, list, [])
        if not all(isinstance(value, dict) for value in values):
            raise self.error(key, f"must be tables, each under [[{key}]].")
        return [self.inner(value, f"{key}[{number}]") for number, value in enumerate(values)]

    def done(self) -> None:
        for key in self.values:
            raise self.error(key, "is not a key that belongs here.")


def _in_words(kind: type) -> str:
    words = {str: "a text", list: "a list", dict: "a table", bool: "true or false", int: "a number"}
    return words.get(kind, f"a {kind.__name__}")


def _assemble(table: _Table, notebooks: tuple[Notebook, ...]) -> Assignment:
    table.names("notebooks")
    table.values.pop("notebooks")
    assignment = Assignment(
        name=table.name,
        title=table.take("title", str),
        notebooks=notebooks,
        student_files=table.files("student_files"),
        given_files=table.files("given_files", []),
        extra_files=table.files("extra_files", []),
        limits=_limits(table),
        due=_due(table),
        follow_through=_share(table, "follow_through", 1.0),
    )
    assignment = dataclasses.replace(
        assignment,
        source_rules=_source_rules(table, assignment),
        hidden_data=_hidden_data(table),
    )
    table.done()
    _require_unique(table, assignment)
    return assignment


def _due(table: _Table) -> datetime | None:
    if "due" not in table.values:
        return None
    due = table.take("due", datetime)
    if due.tzinfo is None:
        raise table.error("due", "needs a time zone, such as the Z in 2027-02-01T23:59:00Z.")
    return due


def _share(table: _Table, key: str, default: float) -> float:
    value = table.values.pop(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise table.error(key, f"must be a number from 0 to 1, not {value!r}.")
    return float(value)


def _limits(table: _Table) -> Limits:
    values = table.inner(table.take("limits", dict, {}), "limits")
    chosen: dict[str, Any] = {}
    for field in dataclasses.fields(Limits):
        if field.name in values.values:
            number = values.values.pop(field.name)
            whole = isinstance(field.default, int) and field.name.endswith("_bytes")
            good = isinstance(number, int if whole else int | float) and number > 0
            if not good or isinstance(number, bool):
                kind = "whole number" if whole else "number"
                raise values.error(field.name, f"must be a {kind} above 0, not {number!r}.")
            chosen[field.name] = number
    values.done()
    return Limits(**chosen)


def _source_rules(table: _Table, assignment: Assignment) -> tuple[SourceRule, ...]:
    questions = {cell.id for each in assignment.notebooks for cell in each.having(Role.QUESTION)}
    rules = []
    for row in table.tables("source_rules"):
        rule = SourceRule(
            question=row.take("question", str),
            function=row.take("function", str),
            loops=row.take("loops", bool, True),
            forbidden=row.strings("forbidden", []),
        )
        row.done()
        if rule.question not in questions:
            raise row.error("question", f"names {rule.question!r}, which no lesson here asks.")
        if rule.function.partition(":")[0] not in assignment.student_files:
            raise row.error("function", f"must be in one of student_files: {rule.function!r}.")
        _require_function(row, rule.function)
        rules.append(rule)
    return tuple(rules)


def _hidden_data(table: _Table) -> tuple[HiddenData, ...]:
    found = []
    for name, values in table.take("hidden_data", dict, {}).items():
        if not isinstance(values, dict):
            raise table.error(f"hidden_data.{name}", f"must be a table, [hidden_data.{name}].")
        row = table.inner(values, f"hidden_data.{name}")
        data = HiddenData(name, row.take("function", str), row.take("count", int))
        row.done()
        if data.count <= 0:
            raise row.error("count", "must be above 0.")
        _require_function(row, data.function)
        found.append(data)
    return tuple(found)


def _require_function(row: _Table, function: str) -> None:
    """Raise unless "path/of/module.py:Class.method" is there."""
    path, colon, dotted = function.partition(":")
    if not colon or not path.endswith(".py"):
        raise row.error("function", f'must look like "cs231n/layers.py:name", not {function!r}.')
    file = authored_file(row.paths, row.name, path)
    node: ast.AST | None = syntax_tree(file.read_text(encoding="utf-8"), str(file))
    for name in dotted.split("."):
        body = node.body if isinstance(node, ast.Module | ast.ClassDef) else []
        kinds = (ast.FunctionDef, ast.ClassDef)
        node = next((each for each in body if isinstance(each, kinds) and each.name == name), None)
    if not isinstance(node, ast.FunctionDef):
        raise row.error("function", f"names {dotted!r}, which isn't in {file}.")


def _require_unique(table: _Table, assignment: Assignment) -> None:
    seen: dict[str, str] = {}
    labelled = (Role.ANSWER, Role.QUESTION, Role.WRITTEN)
    for notebook in assignment.notebooks:
        for cell in notebook.cells:
            if cell.role in labelled and cell.id in seen:
                raise CourseError(
                    f"{table.folder / notebook.name}.py: the name {cell.id!r} is taken already, "
                    f"in {seen[cell.id]}.py."
                )
            if cell.role in labelled:
                seen[cell.id] = notebook.name
    kinds = (assignment.student_files, assignment.given_files, assignment.extra_files)
    every = [file for files in kinds for file in files]
    for file in every:
        if every.count(file) > 1:
            raise table.error("student_files, given_files, extra_files", f"name {file!r} twice.")
