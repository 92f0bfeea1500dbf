"""One BLAS thread in each test process, as in grading: two of them wait for each other."""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"


def pytest_addoption(parser):
    """Let `make lessons` ask for what takes too long each time."""
    parser.addoption("--all-lessons", action="store_true", help="run all lessons whole, not two")
