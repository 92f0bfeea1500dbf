"""A package with three small functions."""
