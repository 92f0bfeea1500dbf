"""Keeps hidden parts out of what a notebook puts out.

A submission's code can look at the frames that called it, and print what it saw, in any later cell.
Outputs that quote a line of a hidden part word for word are replaced before anybody stores them.
(Who encodes what he saw gets it out, and has seen one class's inputs that no later class uses.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from autograder.model import Notebook, Result, Role

SHORTEST = 8  # characters of a line that give something away
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
LEFT_OUT = {
    "output_type": "stream",
    "name": "stdout",
    "text": "(This output showed a part of the grader that stays hidden.)\n",
}


@lru_cache(maxsize=256)
def hidden_lines(notebook: Notebook) -> frozenset[str]:
    """Return the lines of hidden parts that stand nowhere in what students see."""
    hidden = {line for cell in notebook.having(Role.QUESTION) for line in _lines(cell.hidden)}
    shown = {line for cell in notebook.cells for line in _lines(cell.source)}
    return frozenset(p for line in hidden - shown if len(p := _plain(line)) >= SHORTEST)


def without_quotations(output: Mapping[str, Any], secrets: frozenset[str]) -> Mapping[str, Any]:
    """Return the output, or a note in its place if it quotes one of the secret lines."""
    return LEFT_OUT if quotes("\n".join(_texts(output)), secrets) else output


def without_secrets(result: Result, secrets: frozenset[str]) -> Result:
    """Return the result without a message that quotes a secret line: exceptions can carry any."""
    return (
        replace(result, message=LEFT_OUT["text"].strip())
        if quotes(result.message, secrets)
        else result
    )


def quotes(text: str, secrets: frozenset[str]) -> bool:
    """Say whether a text has one of the secret lines in it, as it is or as `repr` shows it."""
    plain = _plain(ANSI.sub("", text))
    return any(line in plain for line in secrets)


def _plain(text: str) -> str:
    """Return a text without what `repr` or another indentation changes."""
    return re.sub(r"\\n|[\s\\'\"]+", "", text)


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n")}


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in an output, however deep, but for pictures."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key != "image/png":
                yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
