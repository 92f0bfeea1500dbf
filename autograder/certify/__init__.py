"""Proves that the checks catch what is wrong and accept what is right.

`operators` changes syntax trees, `mutants` applies it to what students write, `trials` hands the
mutants in as submissions, `fairness` does so with right programs written differently, `certifier`
counts, and `certificate` keeps the result, bound to what it was computed from. `catalogue` hands in
the known mistakes: each must be told its name. `fingerprints` finds out by which values the checks
that students see give them away.
"""

from autograder.certify.catalogue import Proof, prove, proven_from
from autograder.certify.certifier import Findings, certify, report, write
from autograder.certify.fingerprints import fingerprint, fingerprints_are_stale

__all__ = [
    "Findings",
    "Proof",
    "certify",
    "fingerprint",
    "fingerprints_are_stale",
    "prove",
    "proven_from",
    "report",
    "write",
]
