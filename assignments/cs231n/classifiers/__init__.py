"""Classifiers, one module each; import a class from its module."""
