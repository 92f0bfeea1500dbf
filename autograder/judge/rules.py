"""Decides rules about the text of a function, such as "without loops", on its syntax tree.

The student's module is parsed, never imported. A rule follows calls into functions of the same
module, so that a loop can't hide in a helper. It doesn't try to outwit somebody who hides a loop on
purpose behind `exec` or another library; it answers those who believe they wrote none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring import (
    MAX_SOURCE_CHARACTERS,
    Function,
    functions,
    source_text,
    syntax_tree,
)
from autograder.model import SourceRule

LOOPS = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
# Functions that call a Python function once for each element: loops by another name.
DISGUISED_LOOPS = frozenset(
    {
        "map",
        "filter",
        "vectorize",
        "apply_along_axis",
        "apply_over_axes",
        "fromfunction",
        "frompyfunc",
        "reduce",
    }
)


def broken_rule(rule: SourceRule, source: bytes) -> str | None:
    """Return a sentence about how `source` breaks the rule, or None if it doesn't.

    A text that isn't Python breaks no rule here: running it has failed anyway.
    """
    if len(source) > MAX_SOURCE_CHARACTERS:
        return f"the module is longer than {MAX_SOURCE_CHARACTERS:,} bytes."
    try:
        return _broken_in(syntax_tree(source_text(source)), rule)
    except (SyntaxError, ValueError):
        return None
    except (RecursionError, MemoryError):
        return "the module nests too deeply to be looked through."


def _broken_in(tree: ast.Module, rule: SourceRule) -> str | None:
    found = dict(functions(tree))
    name = rule.function.partition(":")[2]
    if name not in found:
        return None
    reachable = _reachable(name, found)
    if not rule.loops:
        for reached in reachable:
            problem = _loop_in(found[reached])
            if problem:
                where = "" if reached == name else f" (in {reached}, which it calls)"
                return f"{problem}{where}; this function must work without Python loops."
    names = aliases(tree)
    for reached in reachable:
        for used in _dotted_names(found[reached], names):
            for forbidden in rule.forbidden:
                if expand(forbidden, {"np": "numpy"}) == used:
                    return f"this uses {forbidden}, which the function must do without."
    return None


def _reachable(start: str, known: dict[str, Function]) -> list[str]:
    """Return `start` and what it calls within the module, in the order found."""
    by_last_name = {name.rpartition(".")[2]: name for name in known}
    found, queue = [start], [start]
    while queue:
        for node in ast.walk(known[queue.pop()]):
            called = (
                node.id
                if isinstance(node, ast.Name)
                else node.attr
                if isinstance(node, ast.Attribute)
                else ""
            )
            target = by_last_name.get(called)
            if target and target not in found:
                found.append(target)
                queue.append(target)
    return found


def _loop_in(function: Function) -> str | None:
    for node in ast.walk(function):
        if isinstance(node, LOOPS):
            return f"line {node.lineno} has a loop or comprehension"
        if isinstance(node, ast.Call):
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            # np.add.reduce is a sum of arrays; functools.reduce is a loop.
            is_ufunc = name == "reduce" and ast.unparse(node.func).count(".") == 2
            if name in DISGUISED_LOOPS and not is_ufunc:
                return f"line {node.lineno} calls {name}, which is a loop in disguise"
    return None


def aliases(tree: ast.Module) -> dict[str, str]:
    """Return what imported names stand for: {"np": "numpy", "norm": "numpy.linalg.norm"}."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted_names(function: Function, names: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name | ast.Attribute):
            yield expand(ast.unparse(node), names)


def expand(dotted: str, names: dict[str, str]) -> str:
    """Return a dotted name with the full name of what its first part stands for."""
    head, dot, rest = dotted.partition(".")
    return names.get(head, head) + dot + rest
