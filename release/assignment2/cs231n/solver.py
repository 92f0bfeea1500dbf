# Built by "autograder build" from assignments/cs231n/solver.py; instructors edit that one.
"""Trains a network: takes batches, follows gradients, keeps the books.

    solver = Solver(model, data, update_rule="adam", optim_config={"learning_rate": 1e-3})
    solver.train()
    solver.loss_history, solver.val_acc_history   # to plot
    model.params                                  # those with the best validation accuracy

An *iteration* is one step on one batch. An *epoch* is as many iterations as it takes to draw as
many examples as there are in the training set.

A model is anything with a dictionary `params` of arrays and a method `loss`: loss(X) returns
scores, loss(X, y) returns the loss and a dictionary of gradients with the keys of params.
"""

import numpy as np

from . import optim

__all__ = ["Solver"]


class Solver:
    """Trains a model on data, with one of the update rules of optim.py."""

    def __init__(
        self,
        model,
        data,
        *,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        batch_size=100,
        num_epochs=10,
        num_train_samples=1000,
        num_val_samples=None,
        checkpoint_name=None,
        print_every=10,
        verbose=True,
    ):
        """Prepare the training; `train` does it.

        Inputs:
        - model: The network to train.
        - data: Dictionary with the arrays X_train, y_train, X_val and y_val.
        - update_rule: Name of a function in optim.py.
        - optim_config: Dictionary of settings for the update rule, such as learning_rate.
        - lr_decay: Factor by which the learning rate is multiplied after each epoch.
        - batch_size: How many examples a step looks at.
        - num_epochs: How many epochs to train.
        - num_train_samples: On how many training examples to measure the accuracy; None for all.
        - num_val_samples: On how many validation examples to measure it; None for all.
        - checkpoint_name: Where to save parameters and history after each epoch, as
          <checkpoint_name>_epoch_<number>.npz; None for nowhere.
        - print_every: After how many iterations to print the loss.
        - verbose: Whether to print at all.
        """
        if update_rule not in optim.__all__:
            rules = ", ".join(optim.__all__)
            raise ValueError(f"there is no update rule {update_rule!r}; there are {rules}")
        self.model = model
        self.X_train, self.y_train = data["X_train"], data["y_train"]
        self.X_val, self.y_val = data["X_val"], data["y_val"]
        self.update_rule = getattr(optim, update_rule)
        self.optim_config = dict(optim_config or {})
        self.lr_decay = lr_decay
        self.batch_size = batch_size
        self.num_epochs = num_epochs
        self.num_train_samples = num_train_samples
        self.num_val_samples = num_val_samples
        self.checkpoint_name = checkpoint_name
        self.print_every = print_every
        self.verbose = verbose
        self._reset()

    def _reset(self):
        """Set up the books, and settings of its own for each parameter."""
        self.epoch = 0
        self.best_val_acc = -1.0  # any accuracy is better
        self.best_params = {}
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        self.optim_configs = {name: dict(self.optim_config) for name in self.model.params}

    def _step(self):
        """Draw a batch, and let every parameter take one step."""
        batch = np.random.choice(len(self.X_train), self.batch_size)
        loss, grads = self.model.loss(self.X_train[batch], self.y_train[batch])
        self.loss_history.append(loss)
        for name, w in self.model.params.items():
            next_w, config = self.update_rule(w, grads[name], self.optim_configs[name])
            self.model.params[name] = next_w
            self.optim_configs[name] = config

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Measure the share of examples that the model gets right.

        Inputs:
        - X: Array of shape (N, d_1, ..., d_k).
        - y: Array of shape (N,) of labels.
        - num_samples: How many examples to draw from X; None for all.
        - batch_size: How many to look at in one go, for the sake of memory.

        Returns a number from 0 to 1.
        """
        if num_samples is not None and num_samples < len(X):
            chosen = np.random.choice(len(X), num_samples)
            X, y = X[chosen], y[chosen]
        parts = [X[start : start + batch_size] for start in range(0, len(X), batch_size)]
        y_pred = np.concatenate([np.argmax(self.model.loss(part), axis=1) for part in parts])
        return float(np.mean(y_pred == y))

    def train(self):
        """Train, and leave the parameters with the best validation accuracy in the model."""
        steps_per_epoch = max(len(self.X_train) // self.batch_size, 1)
        num_iterations = self.num_epochs * steps_per_epoch
        for t in range(num_iterations):
            self._step()
            if self.verbose and t % self.print_every == 0:
                print(f"(Iteration {t + 1} / {num_iterations}) loss: {self.loss_history[-1]:f}")
            if (t + 1) % steps_per_epoch == 0:
                self._end_epoch()
            elif t == 0:
                self._keep_books()
        self.model.params = self.best_params or self.model.params

    def _end_epoch(self):
        self.epoch += 1
        for config in self.optim_configs.values():
            config["learning_rate"] *= self.lr_decay
        self._keep_books()
        self._save_checkpoint()

    def _keep_books(self):
        """Measure and note the accuracies; keep a copy of the best parameters."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, self.num_train_samples)
        val_acc = self.check_accuracy(self.X_val, self.y_val, self.num_val_samples)
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        if val_acc > self.best_val_acc:
            self.best_val_acc = val_acc
            self.best_params = {name: np.array(w) for name, w in self.model.params.items()}
        if self.verbose:
            print(
                f"(Epoch {self.epoch} / {self.num_epochs}) train acc: {train_acc:.3f}; "
                f"val acc: {val_acc:.3f}"
            )

    def _save_checkpoint(self):
        """Write parameters and history to a file of plain arrays."""
        if self.checkpoint_name is None:
            return
        arrays = {f"params/{name}": w for name, w in self.model.params.items()}
        np.savez(
            f"{self.checkpoint_name}_epoch_{self.epoch}.npz",
            epoch=self.epoch,
            loss_history=self.loss_history,
            train_acc_history=self.train_acc_history,
            val_acc_history=self.val_acc_history,
            **arrays,
        )
