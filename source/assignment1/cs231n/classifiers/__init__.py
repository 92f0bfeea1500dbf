# Built by "autograder build" from assignments/cs231n/classifiers/__init__.py; instructors edit that one.
"""Classifiers, one module each; import a class from its module."""
