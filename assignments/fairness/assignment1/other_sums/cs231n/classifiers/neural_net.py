"""The network with masks, one-hot labels and probabilities; batches by np.random.choice."""

import numpy as np


class TwoLayerNet:
    def loss(self, X, y=None, reg=0.0):
        p = self.params
        before = X.dot(p["W1"]) + p["b1"]
        active = before > 0
        hidden = before * active
        scores = hidden.dot(p["W2"]) + p["b2"]
        if y is None:
            return scores
        N = len(X)
        right = np.eye(scores.shape[1])[y]
        log_p = scores - np.logaddexp.reduce(scores, axis=1)[:, None]
        loss = -np.sum(right * log_p) / N
        loss += reg * sum(np.sum(p[name] ** 2) for name in ("W1", "W2"))
        dscores = (np.exp(log_p) - right) / N
        dbefore = dscores.dot(p["W2"].T) * active
        grads = {"b2": dscores.sum(axis=0), "b1": dbefore.sum(axis=0)}
        grads["W2"] = np.einsum("nh,nc->hc", hidden, dscores) + 2 * reg * p["W2"]
        grads["W1"] = np.einsum("nd,nh->dh", X, dbefore) + 2 * reg * p["W1"]
        return loss, grads

    def predict(self, X):
        return self.loss(X).argmax(axis=1)

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
        num_train = X.shape[0]
        per_epoch = max(num_train // batch_size, 1)
        history = {"loss_history": [], "train_acc_history": [], "val_acc_history": []}
        for it in range(num_iters):
            rows = np.random.choice(np.arange(num_train), batch_size, replace=True)
            loss, grads = self.loss(X[rows], y[rows], reg)
            history["loss_history"].append(loss)
            for name in self.params:
                self.params[name] = self.params[name] - learning_rate * grads[name]
            if it % per_epoch == 0:
                history["train_acc_history"].append((self.predict(X[rows]) == y[rows]).mean())
                history["val_acc_history"].append((self.predict(X_val) == y_val).mean())
                learning_rate *= learning_rate_decay
        return history
