"""The commands. Only this room prints, and only this room looks for the course folder.

Exit codes: 0 the work was done, whatever the marks; 1 the grader or the course itself failed; 2 the
command was used wrongly or something is missing, and the message says what to do.
"""

from autograder.cli import author, grade, pages  # noqa: F401 - these add their commands
from autograder.cli.app import app, main

__all__ = ["app", "main"]
