"""Follow-through marks: a question is tried again with other questions' functions made right.

A question that failed may be about a right function that was let down by others, which have
questions of their own and failed there. It is run once more, with these others replaced in the
student's modules by the solved ones. If it passes then, its function is right, and the mistake
has cost its marks already. If it doesn't, all other functions that it calls are replaced as well:
what a forward function hands to its backward function is every student's own choice, so that a
solved one of the two may not fit the student's other one.

In such a run a student's code stands beside solved functions and can read their text. That is
accepted only because nothing comes out of it but one bit per question: did it pass? No output, no
value and no message leaves this module.

Nor can that bit be earned without work. The functions that a question is about stay the student's,
and must have been written; where it has none of its own, those that it calls itself. No function is
replaced that they call, or could look up, where the solved ones don't: a function that only hands
on to its right twin would earn its marks for nothing.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.authoring import (
    MAX_SOURCE_CHARACTERS,
    Reach,
    Target,
    functions,
    line_range,
    parse,
    replace_definitions,
    source_encoding,
    source_text,
    syntax_tree,
)
from autograder.grading.anatomy import Anatomy
from autograder.grading.signatures import Signatures
from autograder.grading.staging import cell_of
from autograder.judge import Evidence, judge_question
from autograder.model import Limits, Outcome, Result, Role, Verdict
from autograder.sandbox import Sandbox

FOLLOWED = set(Verdict) - {Verdict.PASS, Verdict.HARNESS}
# With these a program finds functions whose names don't stand in it.
LOOKING_UP = {
    "__builtins__",
    "__dict__",
    "__globals__",
    "__import__",
    "_getframe",
    "compile",
    "eval",
    "exec",
    "f_globals",
    "getattr",
    "globals",
    "import_module",
    "inspect",
    "locals",
    "modules",
    "vars",
}


@dataclass(frozen=True)
class Work:
    """What a student wrote: modules by path, stubs where there is none, and answers by name.

    `steps` are what the visible and the hidden step of each question did with it.
    """

    package: Mapping[str, bytes]
    answers: Mapping[str, str]
    steps: Mapping[str, Sequence[Outcome]]

    def text(self, target: Target) -> str:
        """Return the text in which something is that students write."""
        if target.cell:
            return self.answers.get(target.cell, "")
        return source_text(self.package.get(target.file, b""))

    def is_readable(self, target: Target) -> bool:
        """Can Python read the module that something is in? Cells may have IPython's own words."""
        return bool(target.cell) or parse(self.text(target)) is not None


@dataclass(frozen=True)
class FollowThrough:
    """Tries questions again; one for all submissions of a grading run.

    `handed_out` are modules by path and answers by name as students receive them.
    """

    anatomy: Anatomy
    signatures: Signatures
    handed_out: Mapping[str, str]

    def follow(
        self, result: Result, failed: Collection[str], work: Work, sandbox: Sandbox
    ) -> Result:
        """Return a result with the points that it earns when other failed questions are right."""
        share = self.signatures.assignment.follow_through
        if result.verdict not in FOLLOWED or not share:
            return result
        others = self._others(result.question, work)
        wrong = {target for question in failed for target in self.anatomy.own[question]}
        given = [target for target in others if target in wrong]
        trials = [given, others] if len(others) > len(given) else [given]
        if not given or not any(
            self._passes(result.question, trial, work, sandbox) for trial in trials
        ):
            return result
        points = max(result.points, round(result.max_points * share, 6))
        return dataclasses.replace(
            result,
            points=points,
            follow_through=round(points - result.points, 6),
            given=tuple(target.name for target in given),
        )

    def _others(self, question: str, work: Work) -> list[Target]:
        """Return what may be replaced: what a question calls and isn't about."""
        anatomy = self.anatomy
        own = self._kept(question)
        modules = [text for path, text in work.package.items() if path.endswith(".py")]
        if any(len(text) > MAX_SOURCE_CHARACTERS for text in modules):
            return []  # nobody has read what is called there
        if all(self._is_untouched(target, work) for target in own):
            return []
        involved = [
            target
            for target in anatomy.targets
            if target not in own and target.place in anatomy.reached[question]
        ]
        students = Reach(
            {
                path: source_text(text)
                for path, text in work.package.items()
                if path.endswith(".py")
            },
            {target.place: work.text(target) for target in anatomy.targets if target.cell},
        )
        places = {target.place for target in own}
        names, solved = (reach.names_from_places(places) for reach in (students, anatomy.reach))
        if (names - solved) & LOOKING_UP:
            return []
        more = students.from_places(places) - anatomy.reach.from_places(places)
        return [target for target in involved if target.place not in more]

    def _kept(self, question: str) -> Sequence[Target]:
        """Return what must stay the student's."""
        return self.anatomy.own[question] or self.anatomy.called[question]

    def _is_untouched(self, target: Target, work: Work) -> bool:
        """Is something as it was handed out, or not there at all?"""
        stub = self.handed_out[target.cell or target.file]
        if target.cell:
            return work.text(target).strip() in ("", stub.strip())
        node = _function(work.text(target), target.name)
        try:
            return node is None or ast.dump(node) == ast.dump(_function(stub, target.name) or node)
        except RecursionError:
            return False  # no stub nests as deeply

    def _passes(self, question: str, given: Sequence[Target], work: Work, sandbox: Sandbox) -> bool:
        package, answers = dict(work.package), dict(work.answers)
        own_files = {target.file for target in self._kept(question)}
        for target in given:
            if target.cell:
                answers[target.cell] = target.text
                continue
            content = package[target.file]
            mended = _with(source_text(content), target)
            if mended is None and target.file in own_files:
                return False
            solved = self.signatures.solved[target.file]
            package[target.file] = (
                solved if mended is None else mended.encode(source_encoding(content), "replace")
            )
        program = self.signatures.program(question, package, answers, sandbox)
        if program is None:
            return False
        limits = _limits(program.limits, self.signatures.reference[question])
        run = sandbox.run(dataclasses.replace(program, limits=limits))
        assignment = self.signatures.assignment
        notebook, cell = next(
            (notebook, cell)
            for notebook in assignment.notebooks
            for cell in notebook.having(Role.QUESTION)
            if cell.id == question
        )
        judged = judge_question(
            Evidence(
                cell=cell,
                notebook=notebook.name,
                reference=self.signatures.reference[question],
                actual=[o for o in run.outcomes if cell_of(o.id) == question],
                rules=[
                    (rule, texts.get(rule.function.partition(":")[0], b""))
                    for rule in assignment.source_rules
                    if rule.question == question
                    for texts in (work.package, package)
                ],
            )
        )
        return judged.verdict is Verdict.PASS


def _with(text: str, target: Target) -> str | None:
    """Return a student's module with one function replaced, or None if it is not to be read."""
    student = parse(text)
    if student is None:
        return None
    lines = target.text.split("\n")
    tree = syntax_tree(target.text)
    imports = [each for each in _imports(tree) if each not in _imports(student)]
    first, last = line_range(dict(functions(tree))[target.name])
    owner = target.name.rpartition(".")[0]
    head = [f"class {owner}:"] if owner else []
    return replace_definitions(text, "\n".join([*imports, *head, *lines[first - 1 : last]]))


def _imports(tree: ast.Module) -> list[str]:
    return [ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]


def _function(text: str, name: str) -> ast.AST | None:
    tree = parse(text)
    return dict(functions(tree)).get(name) if tree else None


def _limits(usual: Limits, reference: Sequence[Outcome]) -> Limits:
    """Return limits that leave a right program ten times what the solved one needs."""
    needed = sum(outcome.cpu_seconds for outcome in reference)
    seconds = min(usual.step_cpu_seconds, 2 + 10 * needed)
    return dataclasses.replace(usual, step_cpu_seconds=seconds)
