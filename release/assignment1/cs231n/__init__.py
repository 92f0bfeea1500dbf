# Built by "autograder build" from assignments/cs231n/__init__.py; instructors edit that one.
"""Neural networks from scratch: the functions and classes that the lessons build."""
