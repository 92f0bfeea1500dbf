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
        ### BEGIN SOLUTION
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
        ### END SOLUTION

    # TODO: Turn the sums over the batch into means. Then add the regularisation to the loss and
    # its gradient to dW.
    ### BEGIN SOLUTION
    loss = loss / num_train + reg * np.sum(W * W)
    dW = dW / num_train + 2 * reg * W
    ### END SOLUTION
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    """Compute the multiclass SVM (hinge) loss and its gradient without a Python loop.

    Inputs and return values as in svm_loss_naive.
    """
    # TODO: Compute loss and dW from whole arrays. Begin with all margins at once, an array of shape
    # (N, C), and see to it that the right class counts for nothing.
    ### BEGIN SOLUTION
    num_train = X.shape[0]
    rows = np.arange(num_train)
    scores = X @ W  # (N, C)
    margins = np.maximum(scores - scores[rows, y][:, np.newaxis] + 1, 0)
    margins[rows, y] = 0
    loss = np.sum(margins) / num_train + reg * np.sum(W * W)

    dscores = (margins > 0).astype(X.dtype)  # (N, C): 1 where a margin is positive
    dscores[rows, y] = -np.sum(dscores, axis=1)
    dW = X.T @ dscores / num_train + 2 * reg * W
    ### END SOLUTION
    return loss, dW
