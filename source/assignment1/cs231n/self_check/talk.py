# Built by "autograder build" from assignments/cs231n/self_check/talk.py; instructors edit that one.
"""Puts results into words, for the terminal, for pytest and for Jupyter."""

import os
import sys
import textwrap

from .errors import in_plain_words

WIDTH = 88
MARKS = {"right": "✓", "unwritten": "·", "absent": "·"}
PLAIN_MARKS = {"right": "+", "unwritten": ".", "absent": "."}
NO_PYTHON = ("SyntaxError", "IndentationError", "TabError")
COLOURS = {"red": 31, "green": 32, "yellow": 33, "bold": 1, "dim": 2}


def paint(text, colour):
    """Return a text with the codes that terminals and Jupyter colour it by."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


class Voice:
    """Prints to one stream, in colours on a terminal, with plain marks where others can't be."""

    def __init__(self, stream=None):
        self._stream = stream or sys.stdout
        terminal = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._in_colour = terminal
        if terminal and os.name == "nt":
            os.system("")  # noqa: S605 - lets the consoles of Windows understand colours
        try:
            "✓✗·★".encode(self._stream.encoding or "ascii")
            self._plain = False
        except (UnicodeEncodeError, LookupError):
            self._plain = True

    def say(self, text="", colour=None):
        """Print a line, or several."""
        if self._plain:
            text = text.encode("ascii", "replace").decode()
        print(
            paint(text, colour) if colour and self._in_colour else text,
            file=self._stream,
            flush=True,
        )

    def mark(self, state):
        """Return the mark of a state."""
        return PLAIN_MARKS.get(state, "x") if self._plain else MARKS.get(state, "✗")

    @property
    def star(self):
        """What celebrates."""
        return "*" if self._plain else "★"


def sentence(text):
    """Return a text that begins with a capital and ends with a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ")")) else ".")


def short(result):
    """Say in a few words how a question stands."""
    if result.state == "unwritten" and result.message and not is_own_stub(result):
        return f"waits for {result.message}"
    if result.kind in NO_PYTHON and result.where:
        return f"can't be read: {result.where[0]}, line {result.where[1]}"
    words = {
        "right": "",
        "wrong": "not right yet",
        "unwritten": "not written yet",
        "absent": f"{result.message} isn't saved yet",
        "error": f"stopped by {result.kind}",
        "timeout": "takes too long",
        "crash": "Python died",
        "unreadable": "can't be read",
    }
    return words[result.state]


def is_own_stub(result):
    """Say whether the function that isn't written is the one that the question is about."""
    flat = result.message.replace(".", "_").replace("__", "_").strip("_")
    return not flat or flat == result.question or flat.endswith(f"_{result.question}")


def explain(result, seconds):
    """Return the lines that say what is wrong with one question, and where."""
    place = _place(result.where)
    lines = {
        "right": [],
        "wrong": [sentence(result.message or "The check isn't fulfilled.")],
        "unwritten": [f"{result.message or 'A function'} is not written yet{place}."],
        "error": [f"Your code raised {result.kind}{place}:", f"    {result.message}"],
        "absent": [f"{result.message} isn't there yet: its notebook saves it when you run it."],
        "timeout": [
            f"It was stopped after {seconds:g} seconds{place}. Is there a loop that never ends?"
        ],
        "crash": ["Python itself ended while this ran: was it exit(), or too little memory?"],
        "unreadable": [result.message],
    }[result.state]
    if result.kind in ("SystemExit", "KeyboardInterrupt"):
        lines = [f"Your code ends Python{place} (exit, quit or sys.exit). Take that out."]
    if result.kind in ("ImportError", *NO_PYTHON):
        lines = [f"{result.kind}{place}: {result.message}"]
    if result.kind == "NameError" and result.where is None:
        lines = [
            f"{sentence(result.message)} The check expects it from a cell of the notebook. "
            "Is it defined there, in the cell that is left to you, and is the notebook saved?"
        ]
    if result.where and result.where[3] and result.state in ("error", "timeout"):
        lines.insert(1, f"    {result.where[0]}:{result.where[1]}:  {result.where[3]}")
    words = in_plain_words(result.kind, result.message) if result.state == "error" else ""
    lines += wrapped(words) if words else []
    if result.mistake:
        lines += about_mistake(result.mistake)
    if result.printed.strip() and result.state != "right":
        last = result.printed.rstrip().split("\n")[-6:]
        lines += ["", "Printed:", *(f"    {line}" for line in last)]
    return lines


def about_mistake(mistake):
    """Return the lines that name a known mistake, or the two that it may be."""
    lines = [""]
    for number, each in enumerate(mistake["one_of"]):
        start = "This is what comes out when" if not number else "or when"
        lines += [f"{start}: {each['diagnosis']}", *wrapped(each["explanation"])]
    return lines


def wrapped(text):
    """Return a paragraph in lines that fit a terminal."""
    return [line for part in text.split("\n") for line in textwrap.wrap(part, WIDTH) or [""]]


def _place(where):
    if not where:
        return ""
    file, line, function, _ = where
    inside = f", in {function}" if function else ""
    return f" ({file}, line {line}{inside})"
