"""The steps in other words: velocities with the other sign, one number after the other."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    rate, momentum = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    uphill = momentum * -config.get("velocity", np.zeros_like(w)) + rate * dw
    config["velocity"] = -uphill
    return w - uphill, config


def rmsprop(w, dw, config=None):
    config = config or {}
    rate, decay = config.setdefault("learning_rate", 1e-2), config.setdefault("decay_rate", 0.99)
    epsilon, cache = (
        config.setdefault("epsilon", 1e-8),
        config.setdefault("cache", np.zeros_like(w)),
    )
    squares, next_w = np.zeros(w.shape), np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        squares[place] = decay * cache[place] + (1 - decay) * dw[place] ** 2
        next_w[place] = w[place] - rate * dw[place] / (squares[place] ** 0.5 + epsilon)
    config["cache"] = squares
    return next_w, config


def adam(w, dw, config=None):
    config = config or {}
    settings = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    for name, value in settings.items():
        config.setdefault(name, value)
    for name in "mv":
        config.setdefault(name, np.zeros_like(w))
    config["t"] += 1
    next_w, m, v = w.copy(), config["m"].copy(), config["v"].copy()
    for place in np.ndindex(w.shape):
        m[place] += (1 - config["beta1"]) * (dw[place] - m[place])
        v[place] += (1 - config["beta2"]) * (dw[place] ** 2 - v[place])
        m_hat = m[place] / (1 - config["beta1"] ** config["t"])
        v_hat = v[place] / (1 - config["beta2"] ** config["t"])
        next_w[place] -= config["learning_rate"] * m_hat / (v_hat**0.5 + config["epsilon"])
    config["m"], config["v"] = m, v
    return next_w, config
