"""Proves that the checks catch what is wrong and accept what is right.

`operators` changes syntax trees, `mutants` applies it to what students write, `trials` hands the
mutants in as submissions, `fairness` does so with right programs written differently, `certifier`
counts, and `certificate` keeps the result, bound to what it was computed from. `catalogue` hands in
the known mistakes: each must be told its name.
"""

from autograder.certify.catalogue import Proof, prove
from autograder.certify.certifier import Findings, certify, report, write

__all__ = ["Findings", "Proof", "certify", "prove", "report", "write"]
