"""Arrays in sealed memory: who is handed one may read it, and nobody can change it.

Hidden inputs are large and the same for a whole class. Instead of their bytes, a notebook process
gets a descriptor, and maps what it leads to. Its changes are its own: a page is copied when it is
first written.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os

import numpy as np

_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


def seal(array: np.ndarray) -> int:
    """Return the descriptor of sealed memory that holds an array in C order."""
    descriptor = os.memfd_create("array", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", closefd=False) as file:
        np.ascontiguousarray(array).tofile(file)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    return descriptor


def unseal(descriptor: int, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return a writable array of one's own with what the sealed memory holds."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size == 0:  # can't be mapped
        return np.empty(shape, dtype)
    memory = mmap.mmap(descriptor, size, access=mmap.ACCESS_COPY)
    return np.frombuffer(memory, dtype).reshape(shape)
