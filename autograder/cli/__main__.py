"""Makes `python -m autograder.cli` work."""

from autograder.cli import main

main()
