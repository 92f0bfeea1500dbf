# Built by "autograder build" from assignments/cs231n/classifiers/linear_classifier.py; instructors edit that one.
"""Linear classifiers: one way to train and to predict, and a subclass for each loss."""

import numpy as np

from .linear_svm import svm_loss_vectorized
from .softmax import softmax_loss_vectorized

__all__ = ["LinearClassifier", "LinearSVM", "Softmax"]


class LinearClassifier:
    """Scores each class by a weighted sum of the inputs and predicts the class that scores highest.

    The weights W are an array of shape (D, C), a column for each class; None before the first
    training. There are no biases: give each example a last number that is always 1.
    """

    def __init__(self):
        self.W = None

    def train(
        self,
        X,
        y,
        learning_rate=1e-3,
        reg=1e-5,
        num_iters=100,
        batch_size=200,
        verbose=False,
    ):
        """Train the weights by stochastic gradient descent.

        A classifier that was trained before goes on from the weights it has.

        Inputs:
        - X: Array of shape (N, D): N training examples.
        - y: Array of shape (N,) of labels, 0 <= y[i] < C; every one of the C classes occurs.
        - learning_rate: How far to step along the gradient.
        - reg: Strength of the regularisation.
        - num_iters: How many steps to take.
        - batch_size: How many examples to draw for each step. It may be larger than N.
        - verbose: Whether to print the loss every 100 steps.

        Returns a list of num_iters numbers: the loss of each batch, before the step.
        """
        num_train, dim = X.shape
        num_classes = int(np.max(y)) + 1
        if self.W is None:
            # Of the type of X: with float32 and float64 mixed, each product would first copy X.
            kind = np.result_type(X, np.float32)
            self.W = (0.001 * np.random.randn(dim, num_classes)).astype(kind)

        loss_history = []
        for it in range(num_iters):
            # TODO: Draw batch_size of the examples at random, with replacement: X_batch of shape
            # (batch_size, D), and y_batch of shape (batch_size,), their labels. np.random.choice
            # or np.random.randint draws the numbers of the rows.
            raise NotImplementedError("LinearClassifier.train")

            loss, grad = self.loss(X_batch, y_batch, reg)
            loss_history.append(loss)

            # TODO: Take one step of gradient descent: change self.W.
            raise NotImplementedError("LinearClassifier.train")

            if verbose and it % 100 == 0:
                print(f"iteration {it} of {num_iters}: loss {loss:f}")
        return loss_history

    def predict(self, X):
        """Predict the labels of examples with the trained weights.

        Inputs:
        - X: Array of shape (N, D): N examples.

        Returns an array of shape (N,): for each example the class with the highest score.
        """
        # TODO: Compute the scores of all examples and pick the best class of each.
        raise NotImplementedError("LinearClassifier.predict")

    def loss(self, X_batch, y_batch, reg):
        """Compute the loss of a batch and its gradient; each subclass has its own.

        Inputs:
        - X_batch: Array of shape (N, D): a batch of examples.
        - y_batch: Array of shape (N,) of their labels.
        - reg: Strength of the regularisation.

        Returns a tuple of:
        - loss: A number.
        - grad: Array of the shape of self.W, gradient of the loss with respect to it.
        """
        raise TypeError("LinearClassifier has no loss of its own: use LinearSVM or Softmax")


class LinearSVM(LinearClassifier):
    """A linear classifier with the multiclass SVM (hinge) loss."""

    def loss(self, X_batch, y_batch, reg):
        """Compute the loss of a batch and its gradient; see LinearClassifier.loss."""
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)


class Softmax(LinearClassifier):
    """A linear classifier with the softmax (cross-entropy) loss."""

    def loss(self, X_batch, y_batch, reg):
        """Compute the loss of a batch and its gradient; see LinearClassifier.loss."""
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)
