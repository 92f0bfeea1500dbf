"""Makes other versions of a solved function by small edits of its text.

wrong = edited(svm_loss_naive, "reg * np.sum(W * W)", "0.5 * reg * np.sum(W * W)")
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable
from typing import Any


def edited(function: Callable[..., Any], *edits: str) -> Callable[..., Any]:
    """Return `function` with text replaced; `edits` are old, new, old, new, ...

    Each old text must stand in the function once, so that no edit fails to happen.
    """
    text = textwrap.dedent(inspect.getsource(function))
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in {function.__name__}")
        text = text.replace(old, new)
    names = dict(vars(sys.modules[function.__module__]))
    exec(compile(text, f"an edited {function.__name__}", "exec"), names)
    return names[function.__name__]
