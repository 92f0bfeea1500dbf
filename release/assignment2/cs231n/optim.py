# Built by "autograder build" from assignments/cs231n/optim.py; instructors edit that one.
"""Update rules: how parameters follow their gradients.

    next_w, config = adam(w, dw, config)

A rule receives a parameter w, the gradient dw of the loss, and a dictionary of settings and of what
it remembers from earlier steps. It returns the new value of the parameter, and the dictionary for
the next step. Each parameter of a network has a dictionary of its own. What is not in there yet
gets a default, so the first call may pass None.
"""

import numpy as np

__all__ = ["adam", "rmsprop", "sgd", "sgd_momentum"]


def sgd(w, dw, config=None):
    """Take a step of plain stochastic gradient descent.

    Inputs:
    - w, dw: Parameter and its gradient, arrays of the same shape.
    - config: Dictionary with the key:
      - learning_rate: Default 1e-2.

    Returns a tuple of:
    - next_w: The new value of w.
    - config: The dictionary for the next step.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    next_w = w - config["learning_rate"] * dw
    return next_w, config


def sgd_momentum(w, dw, config=None):
    """Take a step of stochastic gradient descent with momentum.

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning
    (2013), equations 1 and 2: classical momentum.

    Inputs:
    - w, dw: Parameter and its gradient, arrays of the same shape.
    - config: Dictionary with the keys:
      - learning_rate: Default 1e-2.
      - momentum: Share of the velocity that is kept in each step, from 0 to 1. Default 0.9; with 0
        this is plain gradient descent.
      - velocity: Array of the shape of w, updated in each step. Default 0.

    Returns a tuple of:
    - next_w: The new value of w.
    - config: The dictionary for the next step, with the new velocity.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    # TODO: Compute next_w, and the new velocity v.
    raise NotImplementedError("sgd_momentum")
    config["velocity"] = v
    return next_w, config


def rmsprop(w, dw, config=None):
    """Take a step of RMSProp, which divides by a running root mean square of the gradient.

    Source: Tieleman and Hinton, Lecture 6.5 of the course Neural Networks for Machine Learning
    (2012).

    Inputs:
    - w, dw: Parameter and its gradient, arrays of the same shape.
    - config: Dictionary with the keys:
      - learning_rate: Default 1e-2.
      - decay_rate: Share of the old cache that is kept in each step. Default 0.99.
      - epsilon: Small number added to the root, against division by 0. Default 1e-8.
      - cache: Running mean of squared gradients, of the shape of w. Default 0.

    Returns a tuple of:
    - next_w: The new value of w.
    - config: The dictionary for the next step, with the new cache.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    # TODO: Store the new mean of squares in config["cache"], and compute next_w with it.
    raise NotImplementedError("rmsprop")
    return next_w, config


def adam(w, dw, config=None):
    """Take a step of Adam: momentum and RMSProp together, both corrected for their start at 0.

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization (2015), algorithm 1.

    Inputs:
    - w, dw: Parameter and its gradient, arrays of the same shape.
    - config: Dictionary with the keys:
      - learning_rate: Default 1e-3.
      - beta1: Share of the old m that is kept in each step. Default 0.9.
      - beta2: Share of the old v that is kept in each step. Default 0.999.
      - epsilon: Small number added to the root, against division by 0. Default 1e-8.
      - m: Running mean of gradients, of the shape of w. Default 0.
      - v: Running mean of squared gradients, of the shape of w. Default 0.
      - t: Number of steps taken so far. It is counted up *before* it is used, so that the first
        step is computed with t = 1. Default 0.

    Returns a tuple of:
    - next_w: The new value of w.
    - config: The dictionary for the next step, with the new m, v and t.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    # TODO: Count up t; store the new m and v; compute next_w from m and v corrected for their
    # start.
    raise NotImplementedError("adam")
    return next_w, config
