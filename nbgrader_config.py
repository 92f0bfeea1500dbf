"""Makes this folder an nbgrader course: nbgrader's commands and its formgrader work here."""

from pathlib import Path

from autograder.grading.nbgrader_plugin import configure

configure(get_config(), Path(__file__).parent)  # noqa: F821 - nbgrader defines get_config
