# Built by "autograder build" from assignments/cs231n/classifiers/softmax.py; instructors edit that one.
"""The loss of a linear classifier whose scores become probabilities: softmax and cross-entropy."""

import numpy as np

__all__ = ["softmax_loss_naive", "softmax_loss_vectorized"]


def softmax_loss_naive(W, X, y, reg):
    """Compute the softmax (cross-entropy) loss and its gradient, one example after the other.

    The scores of example i are X[i] @ W. The probability of class j is exp(score_j), divided by the
    sum of the exponentials of all its scores; the loss of the example is minus the logarithm of the
    probability of the right class. The loss of the batch is the mean over its examples, plus
    reg * sum(W * W). Scores of a thousand, of either sign, must not overflow.

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), sections 4.1 and 6.2.2.3.

    Inputs:
    - W: Array of shape (D, C): a column of weights for each class.
    - X: Array of shape (N, D): a batch of N examples.
    - y: Array of shape (N,) of labels, 0 <= y[i] < C.
    - reg: Strength of the regularisation, a number.

    Returns a tuple of:
    - loss: A number.
    - dW: Array of shape (D, C), gradient of the loss with respect to W.
    """
    num_train = X.shape[0]
    num_classes = W.shape[1]
    loss = 0.0
    dW = np.zeros_like(W)
    for i in range(num_train):
        scores = X[i] @ W  # (C,)
        # TODO: Add the loss of this example to the loss, and its gradient to dW. Shift the scores
        # before you take exponentials, so that the largest exponent is 0.
        raise NotImplementedError("softmax_loss_naive")

    # TODO: Turn the sums over the batch into means. Then add the regularisation to the loss and
    # its gradient to dW.
    raise NotImplementedError("softmax_loss_naive")
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    """Compute the softmax (cross-entropy) loss and its gradient without a Python loop.

    Inputs and return values as in softmax_loss_naive.
    """
    # TODO: Compute loss and dW from whole arrays. Each example is shifted by its own largest score.
    raise NotImplementedError("softmax_loss_vectorized")
    return loss, dW
