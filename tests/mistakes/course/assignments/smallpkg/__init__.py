"""A package with a few small functions."""
