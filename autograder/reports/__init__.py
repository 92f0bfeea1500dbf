"""Makes pages and tables for people from stored results and the gradebook's marks by hand.

Nothing is graded here. `standing` says how a student stands, `statistics` how a class does, and
`changes` what a regrade would change. `cells` and `text` turn notebooks into HTML, `rendering`
fills in the templates, `pages` and `exports` write the files. Pages are single files without
scripts; whatever a student wrote is shown as text.
"""

from autograder.reports.changes import StudentChange, compare
from autograder.reports.exports import fill_worksheet
from autograder.reports.pages import (
    hand_to_nbgrader,
    load_standing,
    load_standings,
    write_class_report,
    write_feedback,
)
from autograder.reports.standing import Standing

__all__ = [
    "Standing",
    "StudentChange",
    "compare",
    "fill_worksheet",
    "hand_to_nbgrader",
    "load_standing",
    "load_standings",
    "write_class_report",
    "write_feedback",
]
