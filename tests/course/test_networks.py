"""Networks, solver, numeric gradients and model files do what their docstrings promise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.gradient_check import (
    eval_numerical_gradient,
    eval_numerical_gradient_array,
    grad_check_sparse,
)
from cs231n.model_file import load_model, predict, save_model
from cs231n.solver import Solver

from autograder.kit.checks import relative_error


def shake(model, seed=0, scale=0.5):
    """Give all parameters random values: with biases of 0, dropout leads right onto ReLU's kink."""
    rng = np.random.default_rng(seed)
    for name, value in model.params.items():
        model.params[name] = (scale * rng.normal(size=value.shape)).astype(value.dtype)
    return model


def require_gradients(model, X, y, limit):
    loss, grads = model.loss(X, y)
    assert grads.keys() == model.params.keys()
    for name, value in model.params.items():
        numeric = eval_numerical_gradient(lambda _: model.loss(X, y)[0], value)
        assert relative_error(grads[name], numeric) < limit, name
    return loss


def batch(seed=1, n=5, classes=7):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3, 4)), rng.integers(classes, size=n)


# ----------------------------------------------------------------------------------- networks


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_two_layer_net_gradients(reg):
    """Its gradients are those of its own loss, with and without regularisation."""
    require_gradients(shake(TwoLayerNet(12, 9, 7, reg=reg)), *batch(), limit=1e-7)


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
@pytest.mark.parametrize("dropout", [1, 0.6])
@pytest.mark.parametrize("hidden_dims", [[6], [6, 5, 8]])
def test_fully_connected_net_gradients(normalization, dropout, hidden_dims):
    """Its gradients are those of its own loss, for any depth and all flags."""
    model = FullyConnectedNet(
        hidden_dims, 12, 7, dropout, normalization, reg=0.7, dtype=np.float64, seed=3
    )
    require_gradients(shake(model), *batch(), limit=1e-6)


def test_two_networks_of_two_layers_agree():
    """FullyConnectedNet with one hidden layer is TwoLayerNet."""
    two = shake(TwoLayerNet(12, 9, 7, reg=0.7))
    deep = FullyConnectedNet([9], 12, 7, reg=0.7, dtype=np.float64)
    deep.params = two.params
    X, y = batch()
    assert np.array_equal(two.loss(X), deep.loss(X))
    assert two.loss(X, y)[0] == pytest.approx(deep.loss(X, y)[0], rel=1e-14)


def test_regularisation_is_half_the_sum_of_squared_weights():
    """Biases, gammas and betas aren't regularised."""
    model = shake(FullyConnectedNet([6, 5], 12, 7, normalization="batchnorm", dtype=np.float64))
    X, y = batch()
    without = model.loss(X, y)[0]
    model.reg = 0.4
    squares = sum(np.sum(model.params[f"W{i}"] ** 2) for i in (1, 2, 3))
    assert model.loss(X, y)[0] == pytest.approx(without + 0.2 * squares, rel=1e-12)


def test_flags_change_what_they_name():
    """Dropout acts in training only, and batch normalisation uses its averages in test."""
    X, y = batch()
    model = shake(FullyConnectedNet([40], 12, 7, dropout=0.5, dtype=np.float64))
    assert len({model.loss(X, y)[0] for _ in range(5)}) == 5
    assert np.array_equal(model.loss(X), model.loss(X))
    model = shake(FullyConnectedNet([40], 12, 7, normalization="batchnorm", dtype=np.float64))
    before = model.loss(X)
    model.loss(X, y)
    assert not np.allclose(model.loss(X), before)
    assert np.allclose(model.loss(X[:1]), model.loss(X)[:1])


def test_published_initial_losses():
    """The course's two initial losses come out."""
    np.random.seed(231)
    X, y = np.random.randn(2, 15), np.random.randint(10, size=2)
    for reg, expected in [(0, 2.30), (3.14, 7.05)]:
        model = FullyConnectedNet([20, 30], 15, 10, reg=reg, weight_scale=5e-2, dtype=np.float64)
        assert model.loss(X, y)[0] == pytest.approx(expected, abs=0.005)


def test_parameters_have_the_dtype_that_was_asked_for():
    """float32 in, float32 out, gradients too; the list of sizes stays the caller's."""
    sizes = [6, 5]
    model = FullyConnectedNet(sizes, 12, 7, reg=0.1)
    _, grads = model.loss(*batch())
    assert {value.dtype for value in [*model.params.values(), *grads.values()]} == {
        np.dtype(np.float32)
    }
    assert sizes == [6, 5]


def test_unknown_normalization_is_refused():
    """A misspelt flag isn't taken for None."""
    with pytest.raises(ValueError, match="batch_norm"):
        FullyConnectedNet([5], normalization="batch_norm")


def test_network_agrees_with_pytorch():
    """PyTorch computes the same loss and gradients for the same weights."""
    torch = pytest.importorskip("torch", reason="PyTorch isn't installed; it is optional")
    model = shake(FullyConnectedNet([6, 5, 8], 12, 7, reg=0.7, dtype=np.float64))
    X, y = batch()
    tensors = {name: torch.tensor(w, requires_grad=True) for name, w in model.params.items()}
    out, penalty = torch.tensor(X.reshape(len(X), -1)), 0
    for i in range(1, 5):
        out = out @ tensors[f"W{i}"] + tensors[f"b{i}"]
        out = torch.relu(out) if i < 4 else out
        penalty = penalty + (tensors[f"W{i}"] ** 2).sum()
    expected = torch.nn.functional.cross_entropy(out, torch.tensor(y)) + 0.35 * penalty
    expected.backward()
    loss, grads = model.loss(X, y)
    assert loss == pytest.approx(float(expected.detach()), rel=1e-12)
    for name, tensor in tensors.items():
        assert relative_error(grads[name], tensor.grad.numpy()) < 1e-10


# ------------------------------------------------------------------------------------- solver


def blobs(n=120, classes=3, seed=0):
    """Points around a few centres, easy to tell apart."""
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(classes, 6))
    y = rng.integers(classes, size=2 * n)
    X = centres[y] + rng.normal(size=(2 * n, 6))
    return {"X_train": X[:n], "y_train": y[:n], "X_val": X[n:], "y_val": y[n:]}


def solver(data=None, **arguments):
    np.random.seed(0)
    model = TwoLayerNet(6, 20, 3, weight_scale=0.1)
    settings = {"num_epochs": 5, "batch_size": 20, "verbose": False, **arguments}
    return Solver(model, data or blobs(), **settings)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "rmsprop", "adam"])
def test_solver_learns(rule):
    """Every rule learns points that are easy to tell apart."""
    run = solver(update_rule=rule, optim_config={"learning_rate": 1e-2}, num_epochs=20)
    run.train()
    assert run.best_val_acc > 0.9
    assert run.loss_history[-1] < 0.5 * run.loss_history[0]


def test_solver_keeps_its_books():
    """A loss for each step; accuracies at the start and after each epoch; the rate decays."""
    run = solver(lr_decay=0.5, optim_config={"learning_rate": 0.01})
    run.train()
    assert len(run.loss_history) == 5 * 6
    assert len(run.train_acc_history) == len(run.val_acc_history) == 6
    assert run.epoch == 5
    assert run.best_val_acc == max(run.val_acc_history)
    assert {c["learning_rate"] for c in run.optim_configs.values()} == {0.01 * 0.5**5}
    assert run.optim_config == {"learning_rate": 0.01}


def test_solver_ends_with_the_best_parameters():
    """The model has the parameters of the epoch with the best validation accuracy."""
    run = solver(optim_config={"learning_rate": 5.0}, update_rule="sgd")
    with np.errstate(all="ignore"):
        run.train()
    assert run.check_accuracy(run.X_val, run.y_val) == run.best_val_acc
    assert run.model.params is run.best_params


def test_solver_measures_all_examples_of_a_ragged_set():
    """A last batch that is smaller counts as all others, and samples are drawn on request."""
    run = solver()
    X, y = run.X_val, run.y_val
    expected = np.mean(np.argmax(run.model.loss(X), axis=1) == y)
    assert run.check_accuracy(X, y, batch_size=7) == pytest.approx(expected, rel=1e-12)
    assert run.check_accuracy(X, y, num_samples=10) in {i / 10 for i in range(11)}


def test_solver_with_fewer_examples_than_a_batch():
    """Batches are drawn with replacement, so that they may be larger than the set."""
    data = blobs(n=8)
    run = solver(data, batch_size=30)
    run.train()
    assert len(run.loss_history) == 5


def test_solver_writes_checkpoints_of_plain_arrays(tmp_path):
    """A checkpoint after each epoch can be read with pickle off."""
    run = solver(checkpoint_name=str(tmp_path / "run"))
    run.train()
    with np.load(tmp_path / "run_epoch_5.npz", allow_pickle=False) as file:
        assert int(file["epoch"]) == 5
        assert np.array_equal(file["loss_history"], run.loss_history)
        assert file["params/W1"].shape == (6, 20)
    assert len(list(tmp_path.iterdir())) == 5


def test_solver_prints_when_asked(capsys):
    """Losses every so often, and accuracies after each epoch."""
    solver(verbose=True, print_every=10).train()
    printed = capsys.readouterr().out
    assert printed.count("Iteration") == 3
    assert printed.count("Epoch") == 6
    solver().train()
    assert not capsys.readouterr().out


def test_solver_refuses_what_it_does_not_know():
    """A misspelt rule or argument is an error at once."""
    with pytest.raises(ValueError, match="adm"):
        solver(update_rule="adm")
    with pytest.raises(TypeError, match="lr_dekay"):
        solver(lr_dekay=0.5)


# -------------------------------------------------------------------------- numeric gradients


def test_numeric_gradients_of_known_functions():
    """Of sums of powers and of products they are what calculus says, and x is put back."""
    x = np.random.default_rng(0).normal(size=(2, 3))
    before = x.copy()
    assert relative_error(eval_numerical_gradient(lambda x: np.sum(x**3), x), 3 * x**2) < 1e-9
    df = np.arange(6.0).reshape(2, 3)
    gradient = eval_numerical_gradient_array(np.sin, x, df)
    assert relative_error(gradient, df * np.cos(x)) < 1e-9
    assert np.array_equal(x, before)


def test_numeric_gradient_puts_x_back_when_the_function_fails():
    """An exception in the middle leaves no trace in the array."""
    x, calls = np.ones(3), itertools.count()

    def fail(x):
        if next(calls) == 3:
            raise RuntimeError("on purpose")
        return x.sum()

    with pytest.raises(RuntimeError, match="on purpose"):
        eval_numerical_gradient(fail, x)
    assert np.array_equal(x, np.ones(3))


def test_numeric_gradient_of_a_function_that_returns_its_argument():
    """The result is copied before x is changed again."""
    x = np.ones((2, 2))
    assert np.allclose(eval_numerical_gradient_array(lambda x: x, x, np.ones((2, 2))), 1)


@pytest.mark.parametrize("bad", [np.ones(3, np.float32), np.ones(3, int), [1.0, 2.0]])
def test_numeric_gradients_want_float64(bad):
    """A step of 1e-5 in float32 would give noise; it is refused with a reason."""
    with pytest.raises(TypeError, match="float64"):
        eval_numerical_gradient(np.sum, bad)


def test_sparse_check_finds_a_wrong_gradient(capsys):
    """A right gradient has tiny errors, zeros and all; a wrong one has large ones, NaN included."""
    x = np.random.default_rng(0).normal(size=(4, 5))
    assert grad_check_sparse(lambda x: np.sum(x**2), x, 2 * x) < 1e-7
    assert grad_check_sparse(lambda _: 0.0, x, np.zeros_like(x)) == 0
    assert grad_check_sparse(lambda x: np.sum(x**2), x, x) > 0.3
    assert np.isnan(grad_check_sparse(lambda x: np.sum(x**2), x, x * np.nan))
    assert capsys.readouterr().out.count("relative error") == 40


# -------------------------------------------------------------------------------- model files


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
@pytest.mark.parametrize("dropout", [1, 0.7])
def test_model_file_keeps_the_network(tmp_path, normalization, dropout):
    """What is read again labels pictures as what was saved does, with all flags."""
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(60, 32, 32, 3)).astype(np.uint8)
    mean_image = rng.uniform(100, 150, size=(3, 32, 32))
    model = FullyConnectedNet(
        [20, 15], num_classes=4, dropout=dropout, normalization=normalization, weight_scale=0.05
    )
    for _ in range(3):  # for the running averages
        model.loss(images.transpose(0, 3, 1, 2) - mean_image, rng.integers(4, size=60))
    path = tmp_path / "model.npz"
    save_model(path, model, mean_image)
    again, mean_again = load_model(path)
    assert again.params.keys() == model.params.keys()
    assert (again.normalization, again.use_dropout) == (normalization, dropout != 1)
    assert again.dropout_param.get("p", 1) == dropout
    same = predict(model, images, mean_image) == predict(again, images, mean_again, batch_size=7)
    assert same.mean() > 0.95  # float16 may change a close decision


def test_model_file_is_no_pickle(tmp_path):
    """The file holds plain arrays only, half as large as float32."""
    save_model(tmp_path / "model.npz", FullyConnectedNet([30]), np.zeros((3, 32, 32)))
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        assert file["params/W1"].dtype == np.float16
        assert {file[name].dtype.kind for name in file.files} <= set("fiU")


def test_model_that_diverged_is_refused(tmp_path):
    """A network with infinite weights isn't written; one would only notice after handing it in."""
    model = FullyConnectedNet([5])
    model.params["W2"][0, 0] = np.inf
    with pytest.raises(ValueError, match="W2"):
        save_model(tmp_path / "model.npz", model, np.zeros((3, 32, 32)))
