"""Fills in the templates: one file a page, no script, and one style that the page allows itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from autograder.reports.text import code_html, lesson_html

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def render(template: str, **values: Any) -> bytes:
    """Return a page made from one of the templates."""
    return _environment().get_template(template).render(**values).encode()


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "points": _points,
        "words": _in_words,
        "name": _name,
        "names": _names,
        "sentence": _sentence,
        "lesson": lesson_html,
        "code": code_html,
    }
    style = (files("autograder.reports") / "templates" / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals |= {
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": f"sha256-{digest}",
    }
    return environment


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


def _in_words(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _name(name: str) -> Markup:
    """Show a name of the course's code, which may be broken where its words end."""
    return Markup("<code>{}</code>").format(Markup("_<wbr>").join(name.split("_")))


def _names(places: Sequence[str]) -> Markup:
    """Join the names of functions, which may have a file in front: "file.py:name"."""
    names = [_name(place.rpartition(":")[2]) for place in places]
    last = Markup(" and ").join(names[-2:])
    return Markup(", ").join([*names[:-2], last])


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
