"""Authors, hands out and grades a course of notebooks.

Imports go one way, top to bottom: cli, reports, grading, judge, sandbox, authoring, model, kit.
A room may use those below it, never those above.
"""
