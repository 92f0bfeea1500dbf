# Built by "autograder build" from assignments/cs231n/self_check/slices.py; instructors edit that one.
"""Finds the code that a question needs: cells of its lesson, and parts of the package's modules.

A lesson and a module are lists of `Unit`s: statements, or whole cells that students wrote. A unit
is needed if it binds a name that is used by what is needed already. So a check doesn't wait for
pictures that the lesson draws, and one broken module costs only the questions that use it.

This overestimates: where a name could be meant, it is taken to be meant.
"""

import ast
import hashlib
import re
from dataclasses import dataclass

_BOUND = re.compile(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=[^=]", re.MULTILINE)


@dataclass(frozen=True)
class Unit:
    """A piece of code: the names that it binds or changes, and the names that it uses.

    `imports` are (module, name, bound name): name is None for a whole module, "*" for all names.
    """

    label: str
    source: str
    line: int = 1
    binds: frozenset = frozenset()
    uses: frozenset = frozenset()
    imports: tuple = ()


def lesson_units(lesson, answers):
    """Return the units of a lesson, with the student's answers in place."""
    units = []
    for cell in lesson.cells:
        if cell.role == "setup":
            units += statements(cell.source, cell.id)
        elif cell.role == "answer" and cell.id in answers:
            units.append(whole(answers[cell.id], cell.id))
    return units


def statements(source, label):
    """Return a unit for each statement; imports of several names become one for each name."""
    units = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            for alias in node.names:
                text = f"from {start} import {ast.unparse(alias)}"
                units.append(_unit(text, label, node.lineno))
        else:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            lines = source.split("\n")[first - 1 : node.end_lineno]
            units.append(_unit("\n".join(lines), label, first))
    return units


def whole(source, label):
    """Return a unit for a cell as a student wrote it, which may be no Python."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        # Commands of IPython, such as %timeit, do nothing here.
        plain = "\n".join(
            "" if line.lstrip()[:1] in ("%", "!") else line for line in source.split("\n")
        )
        try:
            ast.parse(plain)
        except (SyntaxError, ValueError):
            names = {name for found in _BOUND.findall(source) for name in found if name}
            return Unit(label, source, binds=frozenset(names))
        source = plain
    return _unit(source, label, 1)


def needed(units, names):
    """Return the units that code with these names needs, in their order."""
    names, chosen = set(names), set()
    while True:
        more = {i for i, unit in enumerate(units) if i not in chosen and unit.binds & names}
        if not more:
            return [units[i] for i in sorted(chosen)]
        chosen |= more
        names.update(*(units[i].uses for i in more))


def names_used(source):
    """Return the names that some code uses."""
    return _unit(source, "", 1).uses


def digest(units, source, modules):
    """Return a fingerprint of all code that a question consists of.

    Inputs:
    - units: What it needs of its lesson.
    - source: Its check.
    - modules: `Modules` of the package.
    """
    parts = [source, *(unit.source for unit in units)]
    parts += modules.reached([each for unit in units for each in unit.imports])
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


class Modules:
    """The modules of a folder as they are now, read when they are asked for."""

    def __init__(self, folder):
        self._folder = folder
        self._units = {}

    def reached(self, imports):
        """Return the texts of all that is needed where these imports are made, sorted."""
        found, done, waiting = set(), set(), [(module, name) for module, name, _ in imports]
        while waiting:
            module, name = waiting.pop()
            if (module, name) in done:
                continue
            done.add((module, name))
            if name is not None and self._read(f"{module}.{name}") is not None:
                waiting.append((f"{module}.{name}", None))  # it is a module itself
            units = self._read(module) or []
            chosen = units if name in (None, "*") else _needed_of_module(units, name)
            found.update(f"{module}:{unit.source}" for unit in chosen)
            waiting += [(other, what) for unit in chosen for other, what, _ in unit.imports]
            # What comes from "import *" can't be seen: it may be any of the names.
            names = {name, *(use for unit in chosen for use in unit.uses)} - {None, "*"}
            stars = {other for unit in units for other, what, _ in unit.imports if what == "*"}
            waiting += [(star, each) for star in stars for each in names]
        return sorted(found)

    def _read(self, module):
        """Return the units of a module of the folder; None if it isn't one."""
        if module not in self._units:
            place = self._folder.joinpath(*module.split("."))
            files = [place.with_name(place.name + ".py"), place / "__init__.py"]
            file = next((each for each in files if each.is_file()), None)
            self._units[module] = None if file is None else _module_units(module, file)
        return self._units[module]


def _needed_of_module(units, name):
    """Return the units behind a name; statements that bind nothing are always needed."""
    chosen = needed(units, {name})
    return [unit for unit in units if not unit.binds or unit in chosen]


def _module_units(module, file):
    try:
        content = file.read_bytes()
        units = statements(content.decode("utf-8"), "")
    except OSError as problem:
        return [Unit("", repr(problem))]
    except (ValueError, SyntaxError):
        return [Unit("", content.decode("latin-1"))]
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    return [_resolved(unit, package) for unit in units]


def _resolved(unit, package):
    """Return a unit whose relative imports are absolute."""
    imports = []
    for module, name, bound in unit.imports:
        level = len(module) - len(module.lstrip("."))
        if level:
            base = package[: len(package) - level + 1]
            imports.append((".".join(filter(None, [*base, module[level:]])), name, bound))
        else:
            imports.append((module, name, bound))
    return Unit(unit.label, unit.source, unit.line, unit.binds, unit.uses, tuple(imports))


def _unit(source, label, line):
    tree = ast.parse(source)
    uses = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    imports = tuple(each for node in ast.walk(tree) for each in _imports(node))
    return Unit(label, source, line, frozenset(_bound(tree)), frozenset(uses), imports)


def _imports(node):
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, None, alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield "." * node.level + (node.module or ""), alias.name, alias.asname or alias.name


def _bound(tree):
    """Return the names that a piece of code binds or changes where it stands."""
    names, waiting = set(), list(tree.body)
    while waiting:
        node = waiting.pop()
        names.update(bound for _, _, bound in _imports(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            if isinstance(node.ctx, ast.Store):
                names.add(_root(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            # A call for its effect changes the object whose method it is, or its arguments.
            call = node.value
            names |= {_root(call.func)} if isinstance(call.func, ast.Attribute) else set()
            names |= {arg.id for arg in call.args if isinstance(arg, ast.Name)}
        elif isinstance(node, ast.Raise):
            names |= _promised(node.exc)
        waiting.extend(ast.iter_child_nodes(node))
    return names - {""}


def _promised(raised):
    """Return, in a set, what a cell that isn't written yet will bind: NotImplementedError("it")."""
    if isinstance(raised, ast.Call) and _root(raised.func) == "NotImplementedError":
        return {arg.value for arg in raised.args if isinstance(arg, ast.Constant)}
    return set()


def _root(node):
    """Return the name at the beginning of `a.b[c].d`; "" if it begins otherwise."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
