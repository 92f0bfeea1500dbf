"""What runs inside: the warm process, the supervisor, and the process that runs a notebook.

Nothing here imports the rest of the tool, and little besides the standard library, numpy and
IPython: this folder alone is what the warm process sees of it. There it is loaded under the name
`_autograder`, so that no student's module can shadow it or be shadowed by it.

    start.py       the first file that runs; builds the warm process's view of the machine
    view.py        the same view as bubblewrap's, for machines without it
    warm.py        imports what is slow, then forks a supervisor for each request
    supervisor.py  forks the notebook process, keeps its time, ends it
    walls.py       namespaces, landlock, limits, privileges
    seccomp.py     the filter of system calls
    notebook.py    receives files and steps, answers each step
    shell.py       IPython without a kernel; outputs become frames
    plain.py       cells that are plain Python, compiled by the grader; also used by it
    probes.py      `probe` and `assert_close`
    sealed.py      hidden inputs, in memory that nobody can change; also used by the grader
    wire.py        the frames; also used by the grader
"""
