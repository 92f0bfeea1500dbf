"""Turns cell text and outputs into safe HTML: no scripts, no inline styles, nothing that loads.

Pages have a content security policy that forbids all of that; what is made here keeps to it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from markupsafe import Markup

from autograder.grading.quotations import ANSI

MATH = re.compile(r'<(span|div) class="math">(?:\\\(|\$\$\n?)(.*?)(?:\\\)|\n?\$\$)</\1>', re.DOTALL)
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
ALIGNMENT = re.compile(r'(<t[hd]) style="text-align:(left|center|right)"')
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
DEEPER = 2  # levels that headings of a notebook stand below those of the page
MAX_SHOWN = 20_000  # characters of one text output


@lru_cache(maxsize=2048)
def lesson_html(text: str) -> Markup:
    """Render the course's own markdown, with its formulas as MathML."""
    return _tidy(MATH.sub(_formula, _markdown(is_lesson=True)(text)))


def answer_html(text: str) -> Markup:
    """Render a student's markdown; HTML, links, pictures and formulas are shown as text."""
    return _tidy(_markdown(is_lesson=False)(text))


def code_html(text: str) -> Markup:
    """Colour Python code."""
    from pygments import highlight

    return Markup(highlight(text, *_colouring()))  # noqa: S704


@cache
def _colouring() -> tuple[Any, Any]:
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return PythonLexer(), HtmlFormatter(nowrap=True)


@lru_cache(maxsize=2048)
def given_code_html(text: str) -> Markup:
    """Colour code of the course, which is the same on all pages of a class."""
    return code_html(text)


def output_html(output: Mapping[str, Any]) -> Markup:
    """Show one output of a cell: text or a picture; anything else is left out."""
    kind = output.get("output_type")
    if kind == "stream":
        return _text(output.get("text", ""), "stderr" if output.get("name") == "stderr" else "")
    if kind == "error":
        return _text("\n".join(map(str, output.get("traceback", ()))), "error")
    data = output.get("data", {})
    picture = data.get("image/png")
    if isinstance(picture, str) and BASE64.fullmatch(picture):
        image = f'<img alt="figure" src="data:image/png;base64,{"".join(picture.split())}">'
        return Markup(image)  # noqa: S704 - base64 characters only
    return _text(data.get("text/plain", ""))


def _text(text: Any, style: str = "") -> Markup:
    joined = "".join(text) if isinstance(text, list) else str(text)
    plain = ANSI.sub("", joined)
    if len(plain) > MAX_SHOWN:
        plain = f"{plain[:MAX_SHOWN]}\n... {len(plain) - MAX_SHOWN:,} more characters"
    return Markup('<pre class="output {}">{}</pre>').format(style, plain)


def _tidy(shown: str) -> Markup:
    """Let wide tables scroll; all text in `shown` was escaped by mistune."""
    scrolling = TABLE.sub(lambda table: f'<div class="scroll">{table.group()}</div>', shown)
    return Markup(ALIGNMENT.sub(r'\1 class="\2"', scrolling))  # noqa: S704


@cache
def _markdown(*, is_lesson: bool) -> Any:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **attrs: Any) -> str:
            return super().heading(text, min(level + DEEPER, 6), **attrs)

    class AnswerRenderer(Renderer):
        def link(self, text: str, url: str, title: str | None = None) -> str:
            address = mistune.escape(url)
            return text if address == text else f"{text} ({address})"

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return self.link(text, url)

    renderer = Renderer if is_lesson else AnswerRenderer
    plugins = ["table", "strikethrough", *(["math"] if is_lesson else [])]
    return mistune.create_markdown(renderer=renderer(escape=True), plugins=plugins)


def _formula(match: re.Match[str]) -> str:
    from latex2mathml.converter import convert

    display = "inline" if match.group(1) == "span" else "block"
    try:
        return str(convert(html.unescape(match.group(2)), display=display))
    except Exception:  # the library raises many kinds; the formula as typed is a fair second best
        return f"<code>{match.group(2)}</code>"
