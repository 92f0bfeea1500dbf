"""The same steps, rearranged; nothing is stored in the dictionary that came in."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    new = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros(w.shape), **(config or {})}
    new["velocity"] = -(new["learning_rate"] * dw - new["velocity"] * new["momentum"])
    return new["velocity"] + w, new


def rmsprop(w, dw, config=None):
    new = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": 0, **(config or {})}
    new["cache"] = new["cache"] + (1 - new["decay_rate"]) * (dw * dw - new["cache"])
    return w - new["learning_rate"] / (new["cache"] ** 0.5 + new["epsilon"]) * dw, new


def adam(w, dw, config=None):
    new = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    new |= {"m": 0.0, "v": 0.0, "t": 0, **(config or {})}
    new["t"] = t = new["t"] + 1
    new["m"] = new["m"] * new["beta1"] + dw * (1 - new["beta1"])
    new["v"] = new["v"] * new["beta2"] + np.square(dw) * (1 - new["beta2"])
    first, second = 1 - new["beta1"] ** t, 1 - new["beta2"] ** t
    step = new["m"] / first / (np.sqrt(new["v"] / second) + new["epsilon"])
    return w - new["learning_rate"] * step, new
