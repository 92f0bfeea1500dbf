"""Grades a class: intake, staging, worker pool, one writer to the gradebook.

A submission's path: `intake` takes the files that the assignment names; `staging` rebuilds each
notebook from the course's cells and the student's answers; the sandbox runs it; the judge compares;
`session` makes a `Report` of that; `pool` does it for a class; `gradebook` and `store` keep it.
"""
