# Built by "autograder build" from assignments/cs231n/classifiers/neural_net.py; instructors edit that one.
"""A network of two layers with a ReLU between them and a softmax loss at its end."""

import numpy as np

__all__ = ["TwoLayerNet"]


class TwoLayerNet:
    """Gives a score to each of C classes: input -> affine -> ReLU -> affine -> scores.

    The parameters are in the dictionary `params`:
    - W1: Array of shape (D, H): weights of the first layer; D numbers come in, H units are hidden.
    - b1: Array of shape (H,): its biases.
    - W2: Array of shape (H, C): weights of the second layer.
    - b2: Array of shape (C,): its biases.
    """

    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        """Start with small random weights and with biases of zero.

        Inputs:
        - input_size: D, how many numbers an example has.
        - hidden_size: H, how many hidden units.
        - output_size: C, how many classes.
        - std: Standard deviation of the first weights.
        """
        self.params = {}
        self.params["W1"] = std * np.random.randn(input_size, hidden_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = std * np.random.randn(hidden_size, output_size)
        self.params["b2"] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        """Compute the scores; or, where labels are given, the loss and its gradients.

        The loss is the mean of the examples' softmax losses, plus reg times the sum of all squared
        weights (without a factor 1/2). Biases are not regularised. Neither X nor the parameters are
        changed.

        Inputs:
        - X: Array of shape (N, D): N examples.
        - y: Array of shape (N,) of labels from 0 to C - 1; or None.
        - reg: Strength of the regularisation.

        Returns, if y is None:
        - scores: Array of shape (N, C); scores[i, c] is the score of class c for X[i].

        Otherwise a tuple of:
        - loss: A number.
        - grads: Dictionary of the gradients of the loss with respect to the parameters, under the
          same names and of the same shapes as in self.params.
        """
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N = X.shape[0]

        # TODO: Compute the scores, of shape (N, C): affine, ReLU, affine. No ReLU at the end.
        raise NotImplementedError("TwoLayerNet.loss")

        if y is None:
            return scores

        # TODO: Compute the loss, a number: the mean softmax loss of the N examples, plus the
        # regularisation of W1 and W2. Scores of 1000 must not overflow.
        raise NotImplementedError("TwoLayerNet.loss")

        # TODO: Compute the gradients, from the loss back to the input: grads["W2"], grads["b2"],
        # grads["W1"] and grads["b1"]. To check your loss before you write this, put `grads = {}`
        # in place of the next line.
        raise NotImplementedError("TwoLayerNet.loss")

        return loss, grads

    def train(
        self,
        X,
        y,
        X_val,
        y_val,
        learning_rate=1e-3,
        learning_rate_decay=0.95,
        reg=5e-6,
        num_iters=100,
        batch_size=200,
        verbose=False,
    ):
        """Train by stochastic gradient descent.

        An epoch is as many iterations as it takes to see N examples; at least one.

        Inputs:
        - X: Array of shape (N, D): the training examples.
        - y: Array of shape (N,): their labels.
        - X_val: Array of shape (N_val, D): the validation examples.
        - y_val: Array of shape (N_val,): their labels.
        - learning_rate: Size of the steps.
        - learning_rate_decay: Factor by which the learning rate shrinks once an epoch.
        - reg: Strength of the regularisation.
        - num_iters: How many steps.
        - batch_size: How many examples each step looks at. It may be larger than N.
        - verbose: Whether to print the loss now and then.

        Returns a dictionary of:
        - loss_history: List of num_iters numbers: the loss of each minibatch.
        - train_acc_history: List with one number an epoch: the accuracy on the minibatch.
        - val_acc_history: List with one number an epoch: the accuracy on the validation set.
        """
        num_train = X.shape[0]
        iterations_per_epoch = max(num_train // batch_size, 1)
        loss_history, train_acc_history, val_acc_history = [], [], []

        for it in range(num_iters):
            # TODO: Draw a minibatch: X_batch, batch_size random rows of X, and y_batch, their
            # labels. Draw with replacement, since batch_size may be larger than N.
            raise NotImplementedError("TwoLayerNet.train")

            loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
            loss_history.append(loss)

            # TODO: Take a step: change all four arrays in self.params by gradient descent.
            raise NotImplementedError("TwoLayerNet.train")

            if verbose and it % 100 == 0:
                print(f"iteration {it} of {num_iters}: loss {loss:.4f}")

            # Once an epoch, and right at the start: look at the accuracies, shrink the steps.
            if it % iterations_per_epoch == 0:
                train_acc_history.append(np.mean(self.predict(X_batch) == y_batch))
                val_acc_history.append(np.mean(self.predict(X_val) == y_val))
                learning_rate *= learning_rate_decay

        return {
            "loss_history": loss_history,
            "train_acc_history": train_acc_history,
            "val_acc_history": val_acc_history,
        }

    def predict(self, X):
        """Predict labels: for each example the class with the highest score.

        Inputs:
        - X: Array of shape (N, D): N examples.

        Returns:
        - y_pred: Array of shape (N,) of labels from 0 to C - 1.
        """
        # TODO: Return the class with the highest score for each row of X. This takes one line.
        raise NotImplementedError("TwoLayerNet.predict")
