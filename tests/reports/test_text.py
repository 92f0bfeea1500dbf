"""What students wrote is shown as text, never as HTML that does something."""

import pytest

from autograder.reports.text import answer_html, code_html, lesson_html, output_html

EVIL = '<script>alert(1)</script><img src=x onerror=alert(1)><svg onload="alert(1)">'


@pytest.mark.parametrize("render", [answer_html, lesson_html, code_html])
def test_markup_is_escaped_everywhere(render):
    """No tag of a student's becomes a tag of the page."""
    shown = render(EVIL)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<svg" not in shown


def test_links_that_run_code_are_defused():
    """javascript: is no address."""
    shown = answer_html("[a](javascript:alert(1)) <javascript:alert(1)> [b](data:text/html,x)")
    assert 'href="javascript' not in shown
    assert 'href="data' not in shown


def test_formulas_of_a_student_stay_text():
    """The formula renderer never sees what a student typed."""
    assert "<math" not in answer_html(r"$\text{<script>x</script>}$")
    assert "<script" not in answer_html(r"$\text{<script>x</script>}$")


def test_formulas_of_a_lesson_are_mathml():
    """Formulas are shown without scripts, inline and on a line of their own."""
    shown = lesson_html("Scale by $s_i$:\n\n$$\ny = s x\n$$\n")
    assert shown.count("<math") == 2
    assert 'display="block"' in shown


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": EVIL},
        {"output_type": "error", "traceback": [EVIL, "\x1b[31mred\x1b[0m"]},
        {"output_type": "display_data", "data": {"text/html": EVIL, "text/plain": EVIL}},
        {"output_type": "display_data", "data": {"image/png": '"><script>alert(1)</script>'}},
        {"output_type": "display_data", "data": {"image/svg+xml": EVIL}},
        {"output_type": "unknown"},
    ],
)
def test_outputs_are_text_or_pictures_and_nothing_else(output):
    """HTML, SVG and forged pictures are not shown; colours of a terminal are dropped."""
    shown = output_html(output)
    assert "<script" not in shown
    assert "<svg" not in shown
    assert "<img" not in shown
    assert "\x1b" not in shown


def test_pictures_are_shown():
    """A PNG is part of the page."""
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in output_html(
        {"output_type": "display_data", "data": {"image/png": "iVBORw0K\nGgo=\n"}}
    )


def test_a_flood_is_cut():
    """A page stays readable whatever was printed."""
    shown = output_html({"output_type": "stream", "name": "stdout", "text": "x" * 10**6})
    assert len(shown) < 50_000
    assert "more characters" in shown
