"""What exceptions mean is said in plain words, from the words of the library that is installed."""

import numpy as np
import pytest

from autograder.kit.self_check.errors import in_plain_words

x, y, nothing = np.ones((5, 3)), np.arange(5), None
WORDS = {
    "x[np.arange(5), y]": "numbers 0 to 2; number 3 isn't there",
    "np.ones((0, 2))[0]": "no entries at all",
    "y[1, 2]": "2 indices stand in the brackets, and the array has 1 axis",
    "x[np.arange(5), np.arange(3)]": "equally long",
    "x[1.0]": "// whole numbers",
    "x[: 5 / 2]": "// whole numbers",
    "range(5 / 2)": "// whole numbers",
    "y.sum(axis=1)": "1 axis, counted from 0: there is no axis 1",
    "x - y": "a number for each row of the other. Does it need a second axis",
    "x + np.ones((3, 5))": "transposed",
    "x + np.ones((4, 3))": "each pair of lengths must be equal",
    "x @ x": "rows of 3 numbers, b columns of 5",
    "x.dot(x)": "rows of 3 numbers, b columns of 5",
    "x.__setitem__(slice(2), np.ones((5, 2)))": "on the right of the =",
    "x.reshape(4, 4)": "there are 15, and the new shape has room for 16",
    "x.reshape(4, -1)": "15 of them can't be shared out in parts of 4",
    "np.array([[1, 2], [3]])": "different lengths",
    "x.__setitem__((0, 0), [1, 2])": "A single number is needed",
    "float(x)": "A single number is needed",
    "max(x, x)": "one yes or no",
    "unpack(3, (1, 2))": "the =: 3; values on the right: 2",
    "unpack(2, (1, 2, 3))": "the =: 2; values on the right: more",
    "nothing[0]": "without return",
    "unpack(2, None)": "without return",
    "None.shape": "without return",
    "2 * None": "without return",
    "y.__iadd__(0.5)": "whole numbers can't take fractions in place",
    "unbound(False)": "number gets its value only in a branch",
    "{'W1': 0}['w1']": "no key 'w1'",
    "1 // 0": "is 0 here",
    "[1, 2][2]": "The list is shorter",
    "x[3:2].max()": "a slice is empty",
    "x[3:2].argmax()": "a slice is empty",
    "x.transpose(0, 0)": "each axis once",
    "x.transpose(0, 1, 2)": "each axis once",
    "(x, x).shape": "to be unpacked",
    "int(5)['W1']": "before the brackets is of type int",
    "put(1.5)": "before the brackets is of type float",
    "int(5)(3)": "Is a * missing",
    "endless()": "nothing makes it stop",
    "np.ones((10**6, 10**6, 10**3))": "shape (1000000, 1000000, 1000)",
}


def unpack(count, values):
    if count == 2:
        _, _ = values
    else:
        _, _, _ = values


def put(value):
    value["W1"] = 0


def unbound(entered):
    if entered:
        number = 1
    return number


def endless():
    return endless()


@pytest.mark.parametrize("code", WORDS)
def test_an_exception_is_put_into_plain_words(code):
    """Whatever version of NumPy says it."""
    with pytest.raises(Exception) as raised:
        eval(code)
    words = in_plain_words(raised.type.__name__, str(raised.value))
    assert WORDS[code] in words, f"{raised.type.__name__}: {raised.value}\n{words}"


def test_what_is_not_understood_is_left_as_it_is():
    """A wrong explanation would be worse than none."""
    assert in_plain_words("ValueError", "x must be positive") == ""
    assert in_plain_words("OddError", "operands could not be broadcast together") == ""
