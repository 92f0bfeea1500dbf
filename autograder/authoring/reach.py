"""Says which functions some code may call, by the names that occur in it.

Only an estimate, and on the large side: two functions of one name are both called, and a word in
quotes counts as a name, since a course may look functions up by name (`update_rule="adam"`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from autograder.authoring.definitions import Function, parse


@dataclass(frozen=True)
class _Piece:
    """A function, a class without its methods, or a cell.

    It is reached where one of its names occurs; a method, where its class is reached as well.
    """

    place: str
    names: frozenset[str]
    uses: frozenset[str]
    owner: str = ""

    def is_named(self, names: Set[str]) -> bool:
        """Is it reached from where these names occur?"""
        return bool(self.names & names) and (not self.owner or self.owner in names)


class Reach:
    """The functions of some modules and cells, and who calls whom."""

    def __init__(self, modules: Mapping[str, str], cells: Mapping[str, str]) -> None:
        """Read modules by path and cells by place; those that can't be parsed are left out."""
        self._pieces: list[_Piece] = []
        for path, text in modules.items():
            self._pieces += _pieces_of(path, text)
        for place, text in cells.items():
            tree = parse(text)
            if tree:
                self._pieces.append(_Piece(place, _bound(tree), _names(tree, {})))

    def from_places(self, places: Iterable[str]) -> frozenset[str]:
        """Return the places that functions or cells may call, themselves included."""
        return self._closure(self._used_at(places))[0] | frozenset(places)

    def names_from_places(self, places: Iterable[str]) -> frozenset[str]:
        """Return all names that occur in functions or cells and in what they may call."""
        return self._closure(self._used_at(places))[1]

    def from_text(self, text: str) -> frozenset[str]:
        """Return the places that some code may call; all of them if it can't be parsed."""
        tree = parse(text)
        if tree is None:
            return frozenset(piece.place for piece in self._pieces)
        return self._closure(_names(tree, {}))[0]

    def named_in(self, text: str) -> frozenset[str]:
        """Return the places that some code calls itself; none if it can't be parsed."""
        tree = parse(text)
        names = _names(tree, {}) if tree else frozenset()
        return frozenset(piece.place for piece in self._pieces if piece.is_named(names))

    def _used_at(self, places: Iterable[str]) -> frozenset[str]:
        wanted = frozenset(places)
        return frozenset().union(*(p.uses for p in self._pieces if p.place in wanted))

    def _closure(self, names: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the places that names lead to, and all names that occur on the way."""
        reached: set[str] = set()
        known = set(names)
        waiting = self._pieces
        while True:
            found, waiting = _divided(waiting, known)
            if not found:
                return frozenset(reached), frozenset(known)
            for piece in found:
                reached.add(piece.place)
                known |= piece.uses


@lru_cache(maxsize=256)
def _pieces_of(path: str, text: str) -> tuple[_Piece, ...]:
    """Read one module; most of them are the same in all submissions."""
    tree = parse(text)
    return tuple(_pieces(tree, f"{path}:", "", _aliases(tree), _loose(tree))) if tree else ()


def _divided(pieces: Iterable[_Piece], names: Set[str]) -> tuple[list[_Piece], list[_Piece]]:
    """Return the pieces that are reached from where these names occur, and the others."""
    found: list[_Piece] = []
    others: list[_Piece] = []
    for piece in pieces:
        (found if piece.is_named(names) else others).append(piece)
    return found, others


def _pieces(
    tree: ast.Module | ast.ClassDef,
    prefix: str,
    owner: str,
    aliases: Mapping[str, str],
    loose: frozenset[str],
) -> Iterator[_Piece]:
    for node in tree.body:
        if isinstance(node, Function):
            special = node.name.startswith("__")  # Python calls it, wherever the class is used
            names = frozenset({owner if special and owner else node.name})
            yield _Piece(f"{prefix}{node.name}", names, _names(node, aliases) | loose, owner)
        elif isinstance(node, ast.ClassDef):
            bases = frozenset().union(*(_names(base, aliases) for base in node.bases))
            yield _Piece(f"{prefix}{node.name}", frozenset({node.name}), bases)
            inner = f"{prefix}{node.name}."
            yield from _pieces(node, inner, node.name, aliases, loose | _loose(node))


def _loose(tree: ast.Module | ast.ClassDef) -> frozenset[str]:
    """Return the names in statements outside of functions: these may rebind what is inside."""
    return frozenset().union(
        *(
            _names(node, {})
            for node in tree.body
            if not isinstance(node, Function | ast.ClassDef | ast.Import | ast.ImportFrom)
            and not (isinstance(node, ast.Assign) and _is_export(node.targets[0]))
        )
    )


def _is_export(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "__all__"


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Return what `import ... as` calls by another name."""
    return {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }


def _names(tree: ast.AST, aliases: Mapping[str, str]) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.update((node.id, aliases.get(node.id, node.id)))
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names.update(node.name.split("."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)
    return frozenset(names)


def _bound(tree: ast.Module) -> frozenset[str]:
    """Return the names that a cell defines."""
    names: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, Function | ast.ClassDef):
            names.add(statement.name)
        else:
            names |= {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
    return frozenset(names)
