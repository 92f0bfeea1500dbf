# Built by "autograder build" from assignments/cs231n/self_check/errors.py; instructors edit that one.
"""Says in plain words what the commonest exceptions of Python and NumPy mean.

    in_plain_words("ZeroDivisionError", "division by zero")

returns a sentence to be read below the exception's own words; "" where those say enough. Only what
the words of the exception prove is said, and asked what is likely.
"""

import re
from math import prod

_SHAPE = r"(\([\d, ]*\))"


def in_plain_words(kind, message):
    """Return a sentence about an exception, by the name of its class and its message; or ""."""
    for kinds, pattern, say in _KNOWN:
        match = re.search(pattern, message)
        if match and (not kinds or kind in kinds):
            return say if isinstance(say, str) else say(*match.groups())
    return ""


def _lengths(shape):
    return tuple(int(number) for number in re.findall(r"\d+", shape))


def _shown(lengths):
    return "(" + ", ".join(map(str, lengths)) + (",)" if len(lengths) == 1 else ")")


def _axes(number):
    return "1 axis" if int(number) == 1 else f"{number} axes"


def _broadcast(one, other):
    one, other = sorted((_lengths(one), _lengths(other)), key=len)
    said = (
        "NumPy compares the two shapes from the right: each pair of lengths must be equal, or one "
        "of the two 1."
    )
    if len(one) == 1 and len(other) == 2 and one[0] == other[0]:
        said += (
            f" The one of shape {_shown(one)} has a number for each row of the other. Does it need "
            "a second axis of length 1, by keepdims=True or [:, np.newaxis]?"
        )
    elif len(one) == 2 and one == other[::-1]:
        said += " Is one of them transposed?"
    return said


def _out_of_bounds(index, axis, size):
    if int(size) == 0:
        return f"Along axis {axis} the array has no entries at all."
    last = int(size) - 1
    return (
        f"Along axis {axis} the entries have the numbers 0 to {last}; number {index} isn't there."
    )


def _product(columns, rows):
    return (
        f"In a @ b each row of a meets each column of b, and they must be equally long: here a has "
        f"rows of {columns} numbers, b columns of {rows}. Is one of them to be transposed?"
    )


def _reshape(size, shape):
    known = prod(map(int, re.findall(r"(?<!-)\b\d+", shape)))
    if "-1" in shape or "newaxis" in shape:  # NumPy's message has the one for the other
        return (
            f"A reshape keeps all numbers: {size} of them can't be shared out in parts of {known}."
        )
    return f"A reshape keeps all numbers: there are {size}, and the new shape has room for {known}."


# Names of exceptions (none: any), what their message has in it, and what to say.
_KNOWN = (
    (
        ("IndexError",),
        r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
        _out_of_bounds,
    ),
    (
        ("IndexError",),
        r"too many indices for array: array is (\d+)-dimensional, but (\d+) were indexed",
        lambda axes, indices: (
            f"{indices} indices stand in the brackets, and the array has {_axes(axes)}. Has a sum "
            "or an index before this taken an axis away?"
        ),
    ),
    (
        ("IndexError",),
        r"indexing arrays could not be broadcast together",
        "Arrays of indices go together number by number, the first row with the first column: they "
        "must be equally long.",
    ),
    (
        ("IndexError", "TypeError"),
        r"only integers, slices|indices must be integers|'float' object cannot be interpreted",
        "A whole number is needed here: / makes fractions, // whole numbers.",
    ),
    (
        ("IndexError",),
        r"(list|tuple) index out of range",
        lambda kind: (
            f"The {kind} is shorter than that: its entries are counted from 0, and the last of n "
            "has the number n - 1."
        ),
    ),
    (
        ("AxisError",),
        r"axis (-?\d+) is out of bounds for array of dimension (\d+)",
        lambda axis, axes: (
            f"The array has {_axes(axes)}, counted from 0: there is no axis {axis}. Has a sum or "
            "an index before this taken one away?"
        ),
    ),
    (
        ("ValueError",),
        rf"operands could not be broadcast together with shapes {_SHAPE} {_SHAPE}",
        _broadcast,
    ),
    (
        ("ValueError",),
        r"core dimension 0.*\(size (\d+) is different from (\d+)\)",
        lambda rows, columns: _product(columns, rows),
    ),
    (("ValueError",), r"not aligned: (\d+) \(dim \d\) != (\d+) \(dim \d\)", _product),
    (
        ("ValueError",),
        r"could not broadcast input array from shape|shape mismatch: value array of shape",
        "What stands on the right of the = doesn't fit into the place on its left. Write both "
        "shapes beside the line.",
    ),
    (("ValueError",), r"cannot reshape array of size (\d+) into shape (\(.*?\))", _reshape),
    (
        ("ValueError",),
        r"zero-size array to reduction|arg(?:max|min) of an empty sequence",
        "There is nothing to choose from: a slice is empty. Does it end before it begins, or lie "
        "outside of the array?",
    ),
    (
        ("ValueError",),
        r"repeated axis in transpose|axes don't match array",
        "transpose takes each axis once: with 4 axes, the numbers 0 to 3 in some order.",
    ),
    (
        ("ValueError",),
        r"inhomogeneous shape",
        "The parts of a list have different lengths, so that they don't make an array.",
    ),
    (
        ("ValueError", "TypeError"),
        r"setting an array element with a sequence|only .* arrays can be converted to",
        "A single number is needed here, and there is a whole array. Is an index or a sum missing?",
    ),
    (
        ("ValueError",),
        r"truth value of an array",
        "A decision needs one yes or no, and the comparison gives one for each number. Did you "
        "mean np.where, np.maximum, or an .any() or .all() behind it?",
    ),
    (
        ("ValueError",),
        r"not enough values to unpack \(expected (\d+), got (\d+)\)",
        lambda names, values: (
            f"Names on the left of the =: {names}; values on the right: {values}. What does the "
            "docstring say comes out?"
        ),
    ),
    (
        ("ValueError",),
        r"too many values to unpack \(expected (\d+)",
        lambda names: (
            f"Names on the left of the =: {names}; values on the right: more. What does the "
            "docstring say comes out?"
        ),
    ),
    (
        ("TypeError", "AttributeError"),
        r"'?NoneType'?",
        "There is None where a value is needed: a function that reaches its end without return "
        "gives None.",
    ),
    (
        ("AttributeError",),
        r"'tuple' object has no attribute",
        "There are several values where one is needed: a function that returns out and cache gives "
        "both at once, to be unpacked.",
    ),
    (
        ("TypeError",),
        r"'([\w.]+)' object (?:does not support item assignment|is not subscriptable)",
        lambda kind: (
            f"What stands before the brackets is of type {kind}, which has no such places."
        ),
    ),
    (
        ("TypeError",),
        r"'([\w.]+)' object is not callable",
        lambda kind: (
            f"What stands before the parentheses is of type {kind}, no function. Is a * missing, "
            "or has a variable the name of a function?"
        ),
    ),
    (
        (),
        r"Cannot cast ufunc '\w+' output from dtype\('(?:float|complex)\d+'\) to dtype\('u?int",
        "An array of whole numbers can't take fractions in place, by += and its like: make it of "
        "floats, or make a new array.",
    ),
    (
        ("UnboundLocalError",),
        r"local variable '(\w+)'",
        lambda name: (
            f"{name} gets its value only in a branch, or in a loop, that this input didn't enter."
        ),
    ),
    (
        ("KeyError",),
        r"(.+)",
        lambda key: f"The dictionary has no key {key}. Is it spelled so where it is stored?",
    ),
    (
        ("ZeroDivisionError",),
        r"",
        "A count, a length or a parameter is 0 here. Can it be, and what should come out then?",
    ),
    (("RecursionError",), r"", "A function calls itself, and nothing makes it stop."),
    (
        ("MemoryError",),
        rf"array with shape {_SHAPE}",
        lambda shape: (
            f"An array of shape {_shown(_lengths(shape))} would be made. Which line makes so many "
            "axes, or so long ones?"
        ),
    ),
)
