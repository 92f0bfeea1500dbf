"""Describes how a question's values differ from the right ones, where no mistake is known.

The kit's checks describe one array. Here all that a question looks at is put together: which of its
arrays are wrong, what all of these show, and what a factor is made of. Sizes change from probe to
probe, so that a factor which is the number of rows each time is no chance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from autograder.judge.naming import Behaviour, Key, Kind
from autograder.kit.checks import SINGLE_PRECISION, find_pattern, find_place, wrong_values
from autograder.kit.self_check.errors import in_plain_words
from autograder.model import Outcome, Probe

MOST_SENTENCES = 3  # more of them help nobody
MOST_NAMES = 4
WRONG_HERE = "Wrong:"  # begins a description that only says where the mistake shows
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?")
FORMS: dict[str, Callable[[float], float]] = {
    "N times": lambda n: n,
    "1/N times": lambda n: 1 / n,
    "N - 1 times": lambda n: n - 1,
    "1/(N - 1) times": lambda n: 1 / (n - 1),
    "N/(N - 1) times": lambda n: n / (n - 1),
    "(N - 1)/N times": lambda n: (n - 1) / n,
    "the square root of N times": lambda n: n**0.5,
    "1/sqrt(N) times": lambda n: n**-0.5,
}


def describe(student: Behaviour) -> str:
    """Return what holds throughout the wrong values of a question; "" if nothing does.

    What is said of an array stands behind its name: "dw" of the probe "dw, a batch of one".
    """
    groups: dict[str, list[Key]] = {}
    for key, kind in student.kinds.items():
        if kind is Kind.WRONG:
            groups.setdefault(_label(key), []).append(key)
    visible = groups.pop("", [])  # examples on paper: often too simple to show more than one thing
    said: dict[str, list[str]] = {}
    for label, keys in groups.items():
        sentence = _describe_group(student, keys)
        if sentence:
            said.setdefault(sentence, []).append(label)
    if said.keys() > {SINGLE_PRECISION} or len(said.get(SINGLE_PRECISION, groups)) < len(groups):
        said.pop(SINGLE_PRECISION, None)  # other values are too far off: these are so by chance
    sentences = [f"{_few(labels)}: {sentence}" for sentence, labels in said.items()]
    if visible and not groups:
        sentence = _describe_group(student, visible)
        return sentence[:1].upper() + sentence[1:]
    return " ".join(sentences[:MOST_SENTENCES]) or _describe_split(student)


def describe_end(steps: Iterable[Outcome]) -> str:
    """Return what the exception means that ended the first step that failed; "" if it says all."""
    failure = next((outcome.failure for outcome in steps if outcome.failure), None)
    words: str = in_plain_words(failure.name, failure.message) if failure else ""
    return words


def _describe_split(student: Behaviour) -> str:
    """Return what is wrong and what is right: results, or else the inputs that they came from.

    "" unless both are there and one tells them apart.
    """
    hidden = {key: kind for key, kind in student.kinds.items() if not key[1]}
    if any(student.endings) or Kind.ABSENT in hidden.values():
        return ""
    for part in (_label, _inputs):
        wrong = _names(part, [key for key, kind in hidden.items() if kind is Kind.WRONG])
        right = _names(part, [key for key, kind in hidden.items() if kind is Kind.RIGHT])
        if wrong and right and not {"", *wrong} & set(right):
            telling = [name for name in right if not _is_about_form(student, part, name)]
            if telling:
                return f"{WRONG_HERE} {_few(wrong)}; right: {_few(telling)}."
    return ""


def _names(part: Callable[[Key], str], keys: Iterable[Key]) -> list[str]:
    return list(dict.fromkeys(part(key) for key in keys))


def _is_about_form(student: Behaviour, part: Callable[[Key], str], name: str) -> bool:
    """Is a name that of shapes and untouched arguments only? That these are right helps nobody."""
    probes = [probe for key, probe in student.reference.items() if part(key) == name]
    return all("exact" in probe.comparison for probe in probes)


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return _and([*names[:MOST_NAMES], f"{more} more"] if more > 0 else names)


def _inputs(key: Key) -> str:
    return key[0].partition(",")[2].strip()


def _label(key: Key) -> str:
    name, visible = key
    return "" if visible else name.partition(",")[0]


def _and(labels: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))


def _describe_group(student: Behaviour, keys: Sequence[Key]) -> str:
    """Return what is true of all wrong probes of one name, or ""."""
    sentences = []
    for key in keys:
        actual, right = student.values[key], student.reference[key].value
        if not (isinstance(actual, np.ndarray) and isinstance(right, np.ndarray)):
            return ""
        sentences.append(_describe_one(actual, right, student.reference[key]))
    if not all(sentences):
        return ""
    if all("times what it should be" in sentence for sentence in sentences):
        return _explain_factor(student, keys) or _common(sentences)
    return _common(sentences)


def _describe_one(actual: np.ndarray, right: np.ndarray, probe: Probe) -> str:
    """Return what one array shows; "" if nothing."""
    if actual.dtype.kind not in "biuf":
        return ""
    if actual.shape != right.shape:
        return _describe_shape(actual.shape, right.shape)
    if right.dtype.kind == "f" and actual.dtype.kind in "iu":
        return f"whole numbers ({actual.dtype}): is something rounded down?"
    a, b = actual.astype(np.float64), right.astype(np.float64)
    bad = np.isnan(a) & ~np.isnan(b)
    if bad.any():
        return _describe_nan(bad)
    if right.dtype.kind == "b":
        return ""
    relative = "rel_error" in probe.comparison
    limit = probe.comparison.get("rel_error", probe.comparison.get("abs_error", 0.0))
    pattern: str | None = find_pattern(a, b, limit, relative)
    return pattern or find_place(wrong_values(a, b, limit, relative)) or ""


def _describe_shape(actual: tuple[int, ...], right: tuple[int, ...]) -> str:
    if len(right) > 1 and actual == right[::-1]:
        return "its shape is transposed."
    if tuple(n for n in actual if n != 1) == tuple(n for n in right if n != 1):
        more = "too many" if len(actual) > len(right) else "missing"
        return f"an axis of length 1 is {more}: keepdims or a reshape decides that."
    if np.prod(actual) == np.prod(right):
        return "it has the right number of values in another shape: is a reshape missing?"
    if len(actual) != len(right):
        return f"it has {len(actual)} axes, and should have {len(right)}."
    wrong = [axis for axis, (a, b) in enumerate(zip(actual, right, strict=True)) if a != b]
    named = _and([str(axis) for axis in wrong])
    return f"its length along axis {named} is wrong: the shape is {actual}, not {right}."


def _describe_nan(bad: np.ndarray) -> str:
    if bad.all():
        return "all values are NaN."
    place = find_place(bad)
    return f"some values are NaN: {place}" if place else "some values are NaN."


def _common(sentences: Sequence[str]) -> str:
    """Return what sentences say alike; numbers are left out where they differ."""
    if len(set(sentences)) == 1:
        return sentences[0]
    patterns = {NUMBER.sub("#", sentence) for sentence in sentences}
    if len(patterns) > 1:
        return ""
    return f"{sentences[0][:-1]} (in the first of several inputs)."


def _explain_factor(student: Behaviour, keys: Sequence[Key]) -> str:
    """Say what a factor is that changes with the inputs, or is a number that stands for one."""
    factors = [_factor(student, key) for key in keys]
    for name, sizes in _quantities(student, keys):
        if len(set(sizes)) == 1 and (len(keys) > 1 or sizes[0] <= 2):
            continue  # a constant says nothing about sizes
        for words, form in FORMS.items():
            with np.errstate(all="ignore"):
                wanted = [form(size) for size in sizes if size > 1]
            found = [f for f, size in zip(factors, sizes, strict=True) if size > 1]
            if wanted and np.allclose(found, wanted, rtol=1e-6, atol=0):
                certain = "where N is" if len(keys) > 1 else "if N is"
                return f"every value is {words} what it should be, {certain} {name}."
    return ""


def _factor(student: Behaviour, key: Key) -> float:
    actual, right = student.values[key], student.reference[key].value
    a, b = np.asarray(actual, dtype=np.float64), np.asarray(right, dtype=np.float64)
    return float(np.sum(a * b) / np.sum(b * b))


def _quantities(student: Behaviour, keys: Sequence[Key]) -> Iterator[tuple[str, list[float]]]:
    """Yield what is known in numbers of the inputs of some probes: names, and a number for each.

    Known are the lengths of the arrays that the same inputs gave, and numbers in the probes' names.
    """
    families = [_family(student, key) for key in keys]
    for label in families[0]:
        if not all(label in family for family in families):
            continue
        shapes = [family[label] for family in families]
        for axis in range(min(map(len, shapes))):
            what = "the number of rows" if axis == 0 else f"the length of axis {axis}"
            yield f"{what} of {label}", [float(shape[axis]) for shape in shapes]
    words = [_numbers_in(name) for name, _ in keys]
    for word in words[0]:
        if all(word in numbers for numbers in words):
            yield word, [numbers[word] for numbers in words]


def _family(student: Behaviour, key: Key) -> Mapping[str, tuple[int, ...]]:
    """Return the shapes of what the same inputs gave, by label; the probe's own comes first."""
    inputs = key[0].partition(",")[2]
    members = [key] + [
        other
        for other in student.reference
        if inputs and other != key and other[0].partition(",")[2] == inputs
    ]
    shapes: dict[str, tuple[int, ...]] = {}
    for member in members:
        value = student.reference[member].value
        if isinstance(value, np.ndarray):
            shapes.setdefault(_label(member) or "the result", value.shape)
    return shapes


def _numbers_in(name: str) -> dict[str, float]:
    """Return {"reg": 0.3} for "scores, reg 0.3", and {"examples": 7} for "7 examples"."""
    found = {}
    for match in re.finditer(r"([A-Za-z_]+) (\d+(?:\.\d+)?)\b", name):
        found[match[1]] = float(match[2])
    for match in re.finditer(r"\b(\d+) ([A-Za-z_]+)", name):
        found[f"the number of {match[2]}"] = float(match[1])
    return found
