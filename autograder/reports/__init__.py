"""Makes pages for people from stored results: one for each student, one for the class.

In go the results files and executed notebooks that grading left; nothing is graded here. Pages are
single files without scripts; whatever a student wrote is shown as text.
"""

from autograder.reports.pages import write_class_page, write_feedback

__all__ = ["write_class_page", "write_feedback"]
