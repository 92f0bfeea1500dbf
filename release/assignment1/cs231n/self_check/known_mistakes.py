# Built by "autograder build" from assignments/cs231n/self_check/known_mistakes.py; instructors edit that one.
"""Names a known mistake by the value that it gives in a check, and knows hints.

known_mistakes.json holds no values but fingerprints of them: a value is multiplied by fixed
numbers, summed up, rounded, and hashed together with the question and the number of the check. So a
value that is there already can be recognised, and none can be made from what is in the file.
"""

import hashlib
import json
import math
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("known_mistakes.json")
STEP = 1e-7  # of the value's magnitude: rounding stays far below, mistakes far above
NEAR = (
    0.1  # of a step: a number that is so close to the edge of its cell is looked up on both sides
)

TELLING = 4  # different numbers, other than 0
MOST_ALIKE = 2  # where more known mistakes give the same value, none is named

_last = {}  # question: names of the mistakes that its last failing check gave away
_told = {}  # question: (names, how many hints were given)


@cache
def _content():
    try:
        return json.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"mistakes": {}, "fingerprints": {}, "hints": {}}


def recognise(question, check, found):
    """Return the known mistake that gives a value in a check: {"one_of": [...]}, or None.

    Inputs:
    - question: Name of the question that runs, or None.
    - check: Number of the failing check in it, from 1.
    - found: Fingerprints of the value that the student's code computed.
    """
    content = _content()
    stored = content["fingerprints"].get(question, {}).get(str(check), {})
    names = sorted({name for each in found for name in stored.get(each, ())})
    _last[question] = tuple(names) if len(names) <= MOST_ALIKE else ()
    if not _last[question]:
        return None
    return {"one_of": [{"name": name, **content["mistakes"][name]} for name in names]}


def fingerprints(question, check, value):
    """Return the fingerprints of a value: its own first, then those of neighbouring cells.

    Two computations of one value that differ by rounding have a fingerprint of one among those of
    the other. Values that are no numbers have none, and neither have values that many mistakes may
    give: a single 5, a few labels.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return []
    if not _is_telling(array):
        return []
    code = np.where(np.isnan(array), 3.0, np.where(np.isinf(array), np.sign(array), 0.0))
    finite = np.where(np.isfinite(array), array, 0.0)
    place = np.arange(1, array.size + 1)
    weights = [1 + place * ratio % 1 for ratio in (math.sqrt(2), math.sqrt(3))]
    odd = round(float(np.sum(code.ravel() * weights[0])) * 1e6)
    norm = float(np.sum(np.abs(finite)))
    found = []
    for exponent in _cells(math.log2(norm) if norm else 0.0, 1e-6):
        step = STEP * 2.0**exponent
        firsts, seconds = (_cells(float(finite.ravel() @ each) / step, NEAR) for each in weights)
        for first in firsts:
            for second in seconds:
                text = f"{question}/{check}/{array.shape}/{odd}/{exponent}/{first}/{second}"
                found.append(hashlib.sha256(text.encode()).hexdigest()[:16])
    return found


def next_hint(question):
    """Return the next hint: about the mistake that is known of a question, else in general."""
    content = _content()
    general = content["hints"].get(question)
    if general is None:
        known = ", ".join(sorted(content["hints"])) or "none"
        return f"There are no hints for {question!r}. There are hints for: {known}."
    names = _last.get(question, ())
    hints = [hint for name in names for hint in content["mistakes"][name]["hints"]] or general
    before, count = _told.get(question, ((), 0))
    count = count if before == names else 0
    _told[question] = names, count + 1
    if count >= len(hints):
        return "That was the last hint. Ask somebody now: to explain your code to them helps, too."
    about = "" if names else ", about what often goes wrong here"
    return f"Hint {count + 1} of {len(hints)}{about}:\n{hints[count]}"


def _is_telling(array):
    """Say whether some numbers hardly come about by chance: many, or one with many digits."""
    finite = np.unique(array[np.isfinite(array)])
    has_digits = np.abs(finite * 1000 - np.round(finite * 1000)) > 1e-6
    return bool(has_digits.any()) or np.count_nonzero(finite) >= TELLING


def _cells(number, near):
    """Return the cell that a number is in, and the next one if it is near its edge."""
    own = math.floor(number)
    return list(dict.fromkeys([own, math.floor(number - near), math.floor(number + near)]))
