"""Proves that the checks catch what is wrong and accept what is right.

`operators` changes syntax trees, `mutants` applies it to what students write, `trials` hands the
mutants in as submissions, `fairness` does so with right programs written differently, `certifier`
counts, and `certificate` keeps the result, bound to what it was computed from.
"""

from autograder.certify.certifier import Findings, certify, report, write

__all__ = ["Findings", "certify", "report", "write"]
