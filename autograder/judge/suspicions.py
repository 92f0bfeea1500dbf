"""Finds in the text of a submission what an honest solution has no use for.

The text is parsed, never run. Each finding is a sentence with the file and the line, for the
instructor only, and costs nothing by itself: a person looks at it. What is looked for is how one
would read what others hold (frames, the collector's objects, /proc, files above the folder), reach
out of the process (sockets, ctypes, signals), or put something else in the place of NumPy, Python's
builtins, IPython's hooks and the checks. Whoever hides such a thing well is not found here; it
gains nothing either, since the walls don't depend on this.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence

from autograder.authoring import parse
from autograder.judge.rules import aliases, expand
from autograder.model import Ending, Outcome

MAX_FLAGS = 12  # in one submission
CHECKS = frozenset({"assert_close", "probe"})
# Modules that reach out of the process or around Python; what they are for.
MODULES = {
    "cffi": "calls C functions",
    "ctypes": "calls C functions",
    "fcntl": "works on file descriptors",
    "ftplib": "uses the network",
    "http": "uses the network",
    "mmap": "maps memory",
    "pickle": "",  # for loads and load only, below
    "ptrace": "traces processes",
    "pty": "starts programs",
    "requests": "uses the network",
    "smtplib": "uses the network",
    "socket": "uses the network",
    "subprocess": "starts programs",
    "urllib": "uses the network",
}
# Functions by their full names, and names of attributes wherever they stand.
FUNCTIONS = {
    "builtins.__import__": "replaces or calls the import machinery",
    "gc.get_objects": "looks through the objects of the process",
    "gc.get_referents": "looks through the objects of the process",
    "gc.get_referrers": "looks through the objects of the process",
    "inspect.currentframe": "looks at the code that calls it",
    "inspect.getouterframes": "looks at the code that calls it",
    "inspect.stack": "looks at the code that calls it",
    "os.dup2": "replaces file descriptors",
    "os.execv": "starts programs",
    "os.fork": "starts processes",
    "os.kill": "sends signals",
    "os.killpg": "sends signals",
    "os.popen": "starts programs",
    "os.setuid": "changes its rights",
    "os.system": "starts programs",
    "os.write": "writes to file descriptors",
    "pickle.load": "unpickles",
    "pickle.loads": "unpickles",
    "sys._current_frames": "looks at the code that calls it",
    "sys._getframe": "looks at the code that calls it",
    "sys.addaudithook": "listens to the interpreter",
    "sys.meta_path": "changes how modules are imported",
    "sys.path_hooks": "changes how modules are imported",
    "sys.setprofile": "traces other code",
    "sys.settrace": "traces other code",
    "threading._shutdown": "changes how the process ends",
}
BUILTINS = {
    "__import__": "imports by name",
    "compile": "makes code while it runs",
    "eval": "makes code while it runs",
    "exec": "makes code while it runs",
}
ATTRIBUTES = {
    **dict.fromkeys(
        ("f_back", "f_globals", "f_locals", "f_code", "tb_frame", "gi_frame", "cr_frame"),
        "looks at the code that calls it",
    ),
    **dict.fromkeys(
        ("__closure__", "__code__", "__globals__", "__subclasses__", "cell_contents"),
        "looks into other functions",
    ),
    **dict.fromkeys(
        (
            "ast_transformers",
            "display_pub",
            "displayhook",
            "history_manager",
            "input_transformers_cleanup",
            "input_transformers_post",
            "register_magic_function",
            "run_cell",
            "set_custom_exc",
            "user_ns",
        ),
        "changes or reads what runs the cells",
    ),
}
HOOKS = {
    "__array__": "is another array each time that it is asked",
    "__array_function__": "takes NumPy's place in comparisons",
    "__array_interface__": "is another array each time that it is asked",
    "__array_ufunc__": "takes NumPy's place in comparisons",
}
GUARDED = frozenset({"IPython", "builtins", "numpy", "sys"})
TABLES = frozenset({"builtins.__dict__", "numpy.__dict__", "sys.modules"})
OWN_STREAMS = frozenset({"sys.stdout", "sys.stderr", "sys.path"})
READERS = re.compile(
    r"(?:^|\.)(?:open|load|loadtxt|fromfile|memmap|Path|listdir|scandir|walk|glob)$"
)
WALKERS = re.compile(r"(?:^|\.)(?:listdir|scandir|walk|glob)$")
ABROAD = re.compile(
    r"/proc/|/etc/|/dev/(?!null)|/sys/|/root\b|gradebook\.db|\bautograded/|\bsubmitted/"
)
ABOVE = re.compile(r"^(?:\.\./|/\.\.|\.\.$)|/\.\./")
HISTORY = frozenset({"In", "Out", "_ih", "_oh", "_i", "_ii", "_iii"})


def suspicions(sources: Mapping[str, str], handed_out: Mapping[str, str]) -> list[str]:
    """Return sentences on what should be looked at in files and answers, by their names.

    What stands in the text that was handed out under the same name is not the student's.
    """
    flags = []
    for name, source in sources.items():
        if source == handed_out.get(name):
            continue
        given = set(_stripped(handed_out.get(name, "")))
        lines = source.split("\n")
        found: dict[int, str] = {}
        for number, what in _findings(source):
            line = lines[number - 1].strip() if number <= len(lines) else ""
            if line not in given:
                found.setdefault(number, what)
        flags += [f"{name}, line {number}: {what}." for number, what in sorted(found.items())]
    if len(flags) > MAX_FLAGS:
        flags[MAX_FLAGS:] = [f"{len(flags) - MAX_FLAGS} more places like these."]
    return flags


def anomalies(actual: Iterable[Outcome], reference: Iterable[Outcome]) -> list[str]:
    """Return sentences on messages that no submission sends by accident."""
    asked = {(outcome.id, probe.name) for outcome in reference for probe in outcome.probes}
    flags = []
    for outcome in actual:
        failure = outcome.failure
        if outcome.ending is Ending.CRASH and failure and failure.name == "Protocol":
            flags.append(f"{outcome.id}: a message to the grader was forged. {failure.message}")
        for probe in outcome.probes:
            # A program of the student's may well call assert_close, which makes visible ones.
            if not probe.visible and (outcome.id, probe.name) not in asked:
                flags.append(f"{outcome.id}: a value was handed in that no check asked for.")
                break
    return flags


def _findings(source: str) -> Iterator[tuple[int, str]]:
    # Magics are no Python; a line in their place keeps the numbers of the others.
    source = re.sub(r"^([ \t]*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in the student's strings
        tree = parse(source)
    if tree is None:
        return
    nodes = list(ast.walk(tree))
    look = _Look(tree, nodes)
    for node in nodes:
        for what in look.at(node):
            yield getattr(node, "lineno", 1), what


class _Look:
    """Looks at the nodes of one text."""

    def __init__(self, tree: ast.Module, nodes: Sequence[ast.AST]) -> None:
        imports: list[ast.stmt] = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
        self._names = aliases(ast.Module(imports, []))
        self._outermost = {id(node) for node in tree.body}
        self._bound = {name for node in nodes if (name := _binding(node))}

    def at(self, node: ast.AST) -> Iterator[str]:
        """Yield what is odd about one node, but for those below it."""
        match node:
            case ast.Import():
                yield from self._modules(alias.name for alias in node.names)
            case ast.ImportFrom(module=str() as module, level=0):
                yield from self._modules([module])
                for alias in node.names:
                    yield from _listed(f"{module}.{alias.name}", FUNCTIONS)
            case ast.Attribute():
                yield from self._attribute(node)
            case ast.Name(ctx=ast.Load()) if node.id in HISTORY - self._bound:
                yield f"reads the history of cells ({node.id})"
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Delete():
                yield from self._replaced(node)
            case ast.Call():
                yield from self._call(node)
            case ast.FunctionDef() | ast.ClassDef():
                yield from self._defined(node)
            case ast.Global() if CHECKS & set(node.names):
                yield "replaces the checks"

    def _modules(self, names: Iterator[str] | list[str]) -> Iterator[str]:
        for name in names:
            what = MODULES.get(name.partition(".")[0])
            if what:
                yield f"imports {name}, which {what}"

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        yield from _listed(self._dotted(node), FUNCTIONS)
        if node.attr in ATTRIBUTES:
            yield f"{node.attr} {ATTRIBUTES[node.attr]}"

    def _replaced(
        self, node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete
    ) -> Iterator[str]:
        several = isinstance(node, ast.Assign | ast.Delete)
        for target in node.targets if several else [node.target]:  # type: ignore[union-attr]
            if isinstance(target, ast.Subscript):
                table = self._dotted(target.value)
                if table in TABLES:
                    yield f"replaces something in {table}"
                continue
            name = self._dotted(target)
            inside = isinstance(target, ast.Attribute)
            last = name.rpartition(".")[2]
            if last in CHECKS and (inside or id(node) in self._outermost):
                yield "replaces the checks"
            elif inside and name.partition(".")[0] in GUARDED and name not in OWN_STREAMS:
                value = getattr(node, "value", None)
                # np.float = float: how old programs are made to run
                if not (isinstance(value, ast.Name) and value.id == last):
                    yield f"replaces {name}"

    def _call(self, node: ast.Call) -> Iterator[str]:
        called = self._dotted(node.func)
        if called not in self._bound:
            yield from _listed(called, BUILTINS)
        if called in ("setattr", "delattr") and node.args:
            owner = self._dotted(node.args[0])
            if owner.partition(".")[0] in GUARDED:
                yield f"replaces something in {owner}"
        for argument in node.args[:1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                text = argument.value
                leads_up = ABOVE.search(text) and READERS.search(called)
                looks_around = text.startswith("/") and WALKERS.search(called)
                if ABROAD.search(text) or leads_up or looks_around:
                    yield f"{called} on {text[:60]!r}, which is not in the folder"

    def _defined(self, node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
        if id(node) in self._outermost and node.name in CHECKS:
            yield "replaces the checks"
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                name, is_true = _member(member)
                if name in HOOKS:
                    yield f"the class {node.name} has {name}, by which it {HOOKS[name]}"
                if name in ("__eq__", "__ne__") and is_true:
                    yield f"the class {node.name} has an {name} that always says the same"

    def _dotted(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name | ast.Attribute):
            parts: list[str] = []
            while isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
            parts.append(node.id if isinstance(node, ast.Name) else "")
            return expand(".".join(reversed(parts)), self._names)
        return ""


def _binding(node: ast.AST) -> str:
    """Return the name that a node gives to something, if any."""
    match node:
        case ast.Name(ctx=ast.Store()):
            return node.id
        case ast.arg():
            return node.arg
        case ast.FunctionDef() | ast.ClassDef():
            return node.name
    return ""


def _listed(name: str, table: Mapping[str, str]) -> Iterator[str]:
    if name in table:
        yield f"{name} {table[name]}"


def _member(node: ast.stmt) -> tuple[str, bool]:
    """Return the name of a class's member, and whether it is a function of one constant."""
    if isinstance(node, ast.FunctionDef):
        last = node.body[-1]
        value = last.value if isinstance(last, ast.Return) else None
        return node.name, isinstance(value, ast.Constant)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        value = node.value.body if isinstance(node.value, ast.Lambda) else None
        return node.targets[0].id, isinstance(value, ast.Constant)
    return "", False


def _stripped(text: str) -> Iterator[str]:
    return (line.strip() for line in text.split("\n"))
