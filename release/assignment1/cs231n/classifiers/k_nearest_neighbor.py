# Built by "autograder build" from assignments/cs231n/classifiers/k_nearest_neighbor.py; instructors edit that one.
"""A k-nearest-neighbour classifier with L2 distance."""

import numpy as np

__all__ = ["KNearestNeighbor"]


class KNearestNeighbor:
    """Gives a test point the label that most of its k nearest training points have.

    Points are rows of floating-point numbers. Pictures read as bytes (np.uint8) have to be
    converted first: in bytes, 3 - 5 is 254.
    """

    def train(self, X, y):
        """Remember the training data; that is all the training there is.

        Inputs:
        - X: Array of shape (num_train, D), floats: num_train points of dimension D.
        - y: Array of shape (num_train,) of labels: whole numbers from 0 on, y[j] belongs to X[j].
        """
        self.X_train = X
        self.y_train = y

    def predict(self, X, k=1, num_loops=0):
        """Predict labels for test points.

        Inputs:
        - X: Array of shape (num_test, D), floats: the test points.
        - k: How many neighbours vote.
        - num_loops: Which of the three ways of computing distances to use: 0, 1 or 2.

        Returns an array of shape (num_test,): the predicted labels.
        """
        if num_loops == 0:
            dists = self.compute_distances_no_loops(X)
        elif num_loops == 1:
            dists = self.compute_distances_one_loop(X)
        elif num_loops == 2:
            dists = self.compute_distances_two_loops(X)
        else:
            raise ValueError(f"num_loops is 0, 1 or 2, not {num_loops!r}")
        return self.predict_labels(dists, k=k)

    def compute_distances_two_loops(self, X):
        """Compute the distance between each test point and each training point, one by one.

        Inputs:
        - X: Array of shape (num_test, D), floats: the test points.

        Returns:
        - dists: Array of shape (num_test, num_train); dists[i, j] is the L2 distance between X[i]
          and self.X_train[j].
        """
        num_test = X.shape[0]
        num_train = self.X_train.shape[0]
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            for j in range(num_train):
                # TODO: Set dists[i, j] to the L2 distance between the test point X[i] and the
                # training point self.X_train[j]. Loop over nothing else, and write the formula
                # out: no np.linalg.norm.
                raise NotImplementedError("KNearestNeighbor.compute_distances_two_loops")
        return dists

    def compute_distances_one_loop(self, X):
        """Compute the distances of one test point to all training points at once, for each in turn.

        Inputs and return value as in compute_distances_two_loops.
        """
        num_test = X.shape[0]
        num_train = self.X_train.shape[0]
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            # TODO: Fill the row dists[i] with the L2 distances between the test point X[i] and all
            # training points: broadcasting, and no further loop. No np.linalg.norm.
            raise NotImplementedError("KNearestNeighbor.compute_distances_one_loop")
        return dists

    def compute_distances_no_loops(self, X):
        """Compute all distances at once, with a matrix product and no Python loop.

        Inputs and return value as in compute_distances_two_loops. The largest array made on the way
        has as many entries as dists: one of shape (num_test, num_train, D) would not fit in memory.
        """
        # TODO: Compute dists, of shape (num_test, num_train), from one matrix product and two sums
        # of squares. Rounding can make a squared distance slightly negative where two points
        # coincide: see to it that the square root of it isn't NaN.
        raise NotImplementedError("KNearestNeighbor.compute_distances_no_loops")

    def predict_labels(self, dists, k=1):
        """Let the k nearest training points of each test point vote on its label.

        Inputs:
        - dists: Array of shape (num_test, num_train); dists[i, j] is the distance between test
          point i and training point j.
        - k: How many neighbours vote, from 1 to num_train.

        Returns:
        - y_pred: Array of shape (num_test,): for each test point the label that is most frequent
          among its k nearest training points; of several such labels the smallest.
        """
        num_test = dists.shape[0]
        y_pred = np.zeros(num_test, dtype=int)
        for i in range(num_test):
            # TODO: Find the k nearest neighbours of test point i, look up their labels in
            # self.y_train, and set y_pred[i] to the most frequent label. If several are equally
            # frequent, the smallest label wins. There may be more or fewer than ten classes.
            raise NotImplementedError("KNearestNeighbor.predict_labels")
        return y_pred
