"""Neural networks from scratch: the functions and classes that the lessons build."""
