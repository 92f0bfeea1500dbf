"""Steps in float64 whatever comes in."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = np.array(config.get("velocity", 0.0), dtype=np.float64)
    v = np.subtract(config["momentum"] * v, config["learning_rate"] * dw.astype(np.float64))
    config["velocity"] = v
    return w.astype(np.float64) + v, config


def rmsprop(w, dw, config=None):
    config = {} if config is None else config
    for name, value in (("learning_rate", 1e-2), ("decay_rate", 0.99), ("epsilon", 1e-8)):
        config.setdefault(name, value)
    w, dw = w.astype(np.float64), dw.astype(np.float64)
    old = np.asarray(config.get("cache", np.zeros(w.shape)), dtype=np.float64)
    config["cache"] = np.average(
        [old, dw**2], axis=0, weights=[config["decay_rate"], 1 - config["decay_rate"]]
    )
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


def adam(w, dw, config=None):
    config = {} if config is None else config
    for name, value in (
        ("learning_rate", 1e-3),
        ("beta1", 0.9),
        ("beta2", 0.999),
        ("epsilon", 1e-8),
    ):
        config.setdefault(name, value)
    w, dw = w.astype(np.float64), dw.astype(np.float64)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m = b1 * config.get("m", 0) + (1 - b1) * dw
    v = b2 * config.get("v", 0) + (1 - b2) * dw * dw
    config |= {"t": t, "m": m, "v": v}
    rate = config["learning_rate"] * np.sqrt(1 - b2**t) / (1 - b1**t)
    return w - rate * m / (np.sqrt(v) + config["epsilon"] * np.sqrt(1 - b2**t)), config
