"""Compiles the cells of the course, which all notebooks of a class run."""

from __future__ import annotations

from functools import lru_cache

from autograder.authoring import syntax_tree

from .inside import plain


@lru_cache(maxsize=2048)
def compiled(source: str) -> bytes:
    """Return the code of a cell, to be sent with its text; nothing where IPython has to see to it.

    Statements run as in a kernel, but for one thing: two equal constants may be one object.
    """
    try:
        tree = syntax_tree(source)
        is_from_future = any(getattr(node, "module", "") == "__future__" for node in tree.body)
        is_plain = plain.is_clean(source) and tree.body and not is_from_future
        return plain.dump(source, tree) if is_plain else b""
    except (SyntaxError, ValueError):  # magics, say
        return b""
