"""Says which parts of a package some code depends on, so that other parts may change.

Only an estimate, and on the safe side: modules that are imported directly or indirectly, without
docstrings, without lists of names to export, and without functions that are known not to be called.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from autograder import judge, kit
from autograder.authoring import syntax_tree


def dependencies(
    files: Mapping[str, bytes],
    texts: Sequence[tuple[str, str]],
    ignored: Collection[tuple[str, str]],
) -> list[list[str]]:
    """Return [path, digest] of each file that `texts` import or name, in order.

    `texts` are (path, text), where cells have no path. `ignored` are (path, dotted name) of
    functions that don't count.
    """
    found: dict[str, str] = {}
    waiting = list(texts)
    while waiting:
        own_path, text = waiting.pop()
        for path in _imported(text, own_path) | _named(text, files):
            if path in files and path not in found:
                if path.endswith(".py"):
                    names = frozenset(name for file, name in ignored if file == path)
                    found[path] = _digest(files[path], names)
                    waiting.append((path, files[path].decode()))
                else:
                    found[path] = hashlib.sha256(files[path]).hexdigest()
    return [[path, found[path]] for path in sorted(found)]


def _named(text: str, files: Mapping[str, bytes]) -> set[str]:
    """Return data files whose name occurs."""
    return {path for path in files if not path.endswith(".py") and path in text}


@cache
def _imported(text: str, own_path: str) -> frozenset[str]:
    """Return the paths of modules that a text may import, whether or not they exist."""
    try:
        tree = syntax_tree(text)
    except SyntaxError:  # IPython's commands: imports are in cells of their own
        return frozenset()
    dotted: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            dotted.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = own_path.split("/")[: -node.level] if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            dotted.add(base)
            dotted.update(f"{base}.{alias.name}" for alias in node.names)
    paths = set()
    for name in dotted:
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            path = "/".join(parts[:count])
            paths |= {f"{path}.py", f"{path}/__init__.py"}
    return frozenset(paths)


@cache
def _digest(content: bytes, ignored: frozenset[str]) -> str:
    tree = syntax_tree(content)
    _reduce(tree, ignored, "")
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _reduce(
    tree: ast.Module | ast.ClassDef | ast.FunctionDef, ignored: frozenset[str], prefix: str
) -> None:
    kept = []
    for node in tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_export = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if is_text or is_export or (prefix + getattr(node, "name", "") in ignored):
            continue
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            _reduce(node, ignored, f"{prefix}{node.name}.")
        kept.append(node)
    tree.body = kept


def deciding_modules() -> list[Path]:
    """Return the modules that decide verdicts; what only explains them isn't among these."""
    folder = Path(judge.__file__).parent
    names = ("rules.py", "values.py", "verdicts.py")
    return [*(folder / name for name in names), Path(kit.__file__).parent / "checks.py"]
