"""Text that strangers wrote is parsed, or refused before it costs anything."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.authoring import MAX_SOURCE_CHARACTERS, parse, source_text


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "[0]," * (MAX_SOURCE_CHARACTERS // 4) + "]",
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "-" * 100_000 + "1",
        "def f(:",
        "x = '\0'",
    ],
    ids=["long", "deep", "chain", "syntax", "null"],
)
def test_what_can_not_be_parsed_is_none(text):
    """Too long, too deep or no Python: the grader goes on without a tree."""
    assert parse(text) is None


def test_threads_may_parse_at_once(monkeypatch):
    """CPython 3.11 mixes up the depths of two trees that are made at the same time."""

    def changes_thread(phase, info):
        time.sleep(1e-4)

    gc.callbacks.append(changes_thread)
    texts = ["x = " + "-" * depth + "1\n" * 2000 for depth in (10, 500, 900)] * 20
    try:
        with ThreadPoolExecutor(4) as threads:
            assert None not in threads.map(parse, texts)
    finally:
        gc.callbacks.remove(changes_thread)


def test_a_long_module_that_is_honest_is_parsed():
    """A limit that students meet would be worse than none."""
    assert parse("x = 1\n" * 10_000) is not None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"# coding: utf-7\nx = 0  # +AAo-y = 1\n", "# coding: utf-7\nx = 0  # \ny = 1\n"),
        ("# coding: latin-1\nx = 'ä'\n".encode("latin-1"), "# coding: latin-1\nx = 'ä'\n"),
        ("\ufeffx = 'ä'\n".encode(), "x = 'ä'\n"),
        (b"x = '\xff'\n", "x = '\ufffd'\n"),
        (b"# coding: nonsense\nx = 1\n", "# coding: nonsense\nx = 1\n"),
    ],
    ids=["code in a comment", "latin", "mark", "damaged", "unknown"],
)
def test_a_module_is_read_as_python_reads_it(content, text):
    """Nothing that runs is hidden from whoever looks at the text."""
    assert source_text(content) == text
