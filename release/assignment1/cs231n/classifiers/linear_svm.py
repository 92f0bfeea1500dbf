# Built by "autograder build" from assignments/cs231n/classifiers/linear_svm.py; instructors edit that one.
"""The loss of a linear classifier as a support vector machine sees it: hinges."""

import numpy as np

__all__ = ["svm_loss_naive", "svm_loss_vectorized"]


def svm_loss_naive(W, X, y, reg):
    """Compute the multiclass SVM (hinge) loss and its gradient, one example after the other.

    The scores of example i are X[i] @ W. Its loss is the sum of max(0, score_j - score_right + 1)
    over all classes j but the right one. The loss of the batch is the mean over its examples, plus
    reg * sum(W * W).

    Source: Weston and Watkins, Multi-class Support Vector Machines (1998).

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
        # TODO: Visit each class but the right one. Where its margin is positive, add the margin to
        # the loss, and to dW what this margin contributes to the gradient: it depends on two
        # columns of W.
        raise NotImplementedError("svm_loss_naive")

    # TODO: Turn the sums over the batch into means. Then add the regularisation to the loss and
    # its gradient to dW.
    raise NotImplementedError("svm_loss_naive")
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    """Compute the multiclass SVM (hinge) loss and its gradient without a Python loop.

    Inputs and return values as in svm_loss_naive.
    """
    # TODO: Compute loss and dW from whole arrays. Begin with all margins at once, an array of shape
    # (N, C), and see to it that the right class counts for nothing.
    raise NotImplementedError("svm_loss_vectorized")
    return loss, dW
