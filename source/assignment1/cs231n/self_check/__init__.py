# Built by "autograder build" from assignments/cs231n/self_check/__init__.py; instructors edit that one.
"""What `python -m <package>.check`, `pack` and pytest share: your code, run against the checks.

`handout` knows what was handed out and finds your answers, `slices` finds the code that a question
needs, `runs` has it run by processes of its own (`worker`), `talk` puts results into words, and
`errors` what exceptions mean. `notebook` does that inside Jupyter. Nothing here needs more than
NumPy.
"""
