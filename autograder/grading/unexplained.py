"""Lists what a class did that no known mistake explains, and makes new entries of it.

Results that are wrong alike have one fingerprint, so that a mistake which many made comes first. An
instructor reads one student's function, and adds it to the catalogue with the words that belong to
it: assignments/mistakes/<assignment>/added.toml.
"""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring import (
    Target,
    find_targets,
    functions,
    handed_out_text,
    line_range,
    load_assignment,
    own_targets,
    package_files,
    parse,
    replace_definitions,
    source_text,
    syntax_tree,
)
from autograder.authoring.mistakes import FOLDER, UNWRITTEN
from autograder.grading import store
from autograder.grading.answers import find_answers
from autograder.grading.intake import take
from autograder.grading.store import Workspace
from autograder.model import Assignment, CourseError, Paths, Result, Role

ADDED = "added.toml"


@dataclass(frozen=True)
class Group:
    """Students who are wrong alike in one question; `text` is what the first of them wrote."""

    question: str
    students: tuple[str, ...]
    said: str  # what they were told of the difference
    text: str


def unexplained(paths: Paths, name: str, workspace: Workspace, submitted: Path) -> list[Group]:
    """Return what no known mistake explains, the largest group first.

    Raises CourseError if the assignment has no results yet.
    """
    files = sorted((workspace.output / "results").glob("*.json"))
    if not files:
        raise CourseError(f"There are no results in {workspace.output}: grade {name} first.")
    groups: dict[tuple[str, str], list[tuple[str, Result]]] = {}
    for file in files:
        report = store.load(file)
        for result in report.results:
            if result.behaviour:
                key = result.question, result.behaviour
                groups.setdefault(key, []).append((report.student, result))
    course = _Course.load(paths, name)
    found = []
    for (question, _), members in groups.items():
        student, result = members[0]
        difference = result.diagnosis.difference if result.diagnosis else ""
        text = course.written(submitted, student, question)
        students = tuple(student for student, _ in members)
        found.append(Group(question, students, difference or result.message, text))
    return sorted(found, key=lambda group: (-len(group.students), group.question))


def add(
    paths: Paths, name: str, submitted: Path, student: str, question: str, mistake: str
) -> Path:
    """Make a student's function an entry of the catalogue, with texts to fill in; return where.

    Raises CourseError if there is no such function, or an entry of that name.
    """
    course = _Course.load(paths, name)
    if question not in course.own:
        raise CourseError(f"{name} has no question {question!r}.")
    if not course.own[question]:
        raise CourseError(f"{question} is about no function of its own; nothing can be added.")
    folder = paths.assignments / FOLDER / name
    if mistake in _names(folder):
        raise CourseError(f"{folder} has a mistake called {mistake!r} already.")
    target = course.own[question][-1]
    body = course.written(submitted, student, question)
    if not body:
        raise CourseError(f"{student} wrote nothing that can be read for {question}.")
    try:
        syntax_tree(replace_definitions(target.text, body))
    except SyntaxError as problem:
        raise CourseError(f"What {student} wrote for {question}: {problem}.") from problem
    place = folder / ADDED
    place.parent.mkdir(parents=True, exist_ok=True)
    before = place.read_text(encoding="utf-8") if place.is_file() else ""
    place.write_text(before + _entry(mistake, target.place, body), encoding="utf-8")
    return place


@dataclass(frozen=True)
class _Course:
    """An assignment, and what of a submission belongs to a question."""

    assignment: Assignment
    own: Mapping[str, Sequence[Target]]
    stubs: Mapping[str, bytes]

    @classmethod
    def load(cls, paths: Paths, name: str) -> _Course:
        assignment = load_assignment(paths, name)
        own = own_targets(assignment, find_targets(paths, assignment))
        return cls(assignment, own, package_files(paths, assignment, solved=False))

    def written(self, submitted: Path, student: str, question: str) -> str:
        """Return a student's functions for a question, with the helpers that they need."""
        own = self.own[question]
        submission = take(submitted, student, self.assignment)
        if own and own[0].cell:
            notebook = next(n for n in self.assignment.notebooks if n.name == own[0].file)
            handed_out = {
                cell.id: handed_out_text(cell)
                for cell in notebook.cells
                if cell.role in (Role.ANSWER, Role.WRITTEN)
            }
            answers = find_answers(submission.notebooks.get(notebook.name), notebook, handed_out)
            return answers.texts.get(own[0].cell, "")
        texts = []
        for file in dict.fromkeys(target.file for target in own):
            content = source_text(submission.files.get(file, b""))
            names = [target.name for target in own if target.file == file]
            texts.append(_excerpt(content, names, self.stubs[file].decode()))
        return "\n\n".join(filter(None, texts))


def _excerpt(text: str, names: Sequence[str], stub: str) -> str:
    """Return some functions of a module, in their classes, and what the module adds to the stub."""
    tree, stub_tree = parse(text), syntax_tree(stub)
    if tree is None:
        return ""
    lines, stub_lines = text.split("\n"), stub.split("\n")
    known = {"\n".join(stub_lines[node.lineno - 1 : node.end_lineno]) for node in stub_tree.body}
    defined = {getattr(node, "name", "") for node in stub_tree.body}
    added = [
        "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in tree.body
        if getattr(node, "name", None) not in defined and not isinstance(node, ast.Expr)
    ]
    parts = [statement for statement in added if statement not in known]
    found = dict(functions(tree))
    owners: dict[str, list[str]] = {}
    for name in names:
        if name in found:
            first, last = line_range(found[name])
            owners.setdefault(name.rpartition(".")[0], []).extend(lines[first - 1 : last])
    if not owners:
        return ""
    for owner, piece in owners.items():
        parts.append("\n".join([f"class {owner}:", *piece] if owner else piece))
    return "\n\n".join(parts)


def _names(folder: Path) -> set[str]:
    return {
        row["name"]
        for file in folder.glob("*.toml")
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["mistake"]
    }


def _entry(name: str, place: str, body: str) -> str:
    quoted = f"'''\n{body}\n'''" if _is_literal(body) else json.dumps(body)
    return f'''
[[mistake]]
name = {json.dumps(name)}
function = {json.dumps(place)}
body = {quoted}
diagnosis = "{UNWRITTEN}: say in one sentence what is wrong."
explanation = "{UNWRITTEN}: a paragraph that teaches."
hints = ["{UNWRITTEN}: a first hint.", "{UNWRITTEN}: a second one that helps more."]
'''


def _is_literal(text: str) -> bool:
    """Can TOML hold a text between three apostrophes?"""
    return "'''" not in text and all(c.isprintable() or c in "\n\t" for c in text)


def in_lines(groups: Iterable[Group]) -> Iterable[str]:
    """Yield groups as text."""
    for group in groups:
        some = ", ".join(group.students[:5]) + (", ..." if len(group.students) > 5 else "")
        yield f"{group.question}: {len(group.students)} wrong alike ({some})"
        yield f"  {group.said}"
        yield from (f"    | {line}" for line in group.text.split("\n"))
        yield ""
