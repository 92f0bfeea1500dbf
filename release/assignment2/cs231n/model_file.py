# Built by "autograder build" from assignments/cs231n/model_file.py; instructors edit that one.
"""Keeps a trained network in a file of plain arrays, which is safe to open.

    save_model("best_fc_net.npz", model, data["mean_image"])
    model, mean_image = load_model("best_fc_net.npz")

The mean image goes with the network: who wants to use it has to subtract the same one. Weights are
stored as float16, which halves the file and changes no prediction worth mentioning. Nothing in the
file is a pickle, so opening it can't run a program.
"""

import numpy as np

from .classifiers.fc_net import FullyConnectedNet

__all__ = ["load_model", "predict", "save_model"]


def save_model(path, model, mean_image):
    """Write a FullyConnectedNet to a file.

    Inputs:
    - path: Where to write; the name should end in .npz.
    - model: The trained network.
    - mean_image: Array of shape (3, 32, 32) that was subtracted from the training pictures.
    """
    arrays = {
        "mean_image": np.asarray(mean_image, np.float32),
        "num_layers": np.array(model.num_layers),
        "normalization": np.array(model.normalization or ""),
        "dropout": np.array(float(model.dropout_param.get("p", 1))),
    }
    for name, value in model.params.items():
        arrays[f"params/{name}"] = value.astype(np.float16)
    for number, bn_param in enumerate(model.bn_params):
        for key in ("running_mean", "running_var"):
            if key in bn_param:  # float32: variances may lie beyond the range of float16
                arrays[f"bn_params/{number}/{key}"] = np.asarray(bn_param[key], np.float32)
    lost = [
        name
        for name, value in arrays.items()
        if value.dtype.kind == "f" and not np.isfinite(value).all()
    ]
    if lost:
        raise ValueError(f"{lost[0]} holds numbers that are not finite: the training has diverged")
    np.savez_compressed(path, **arrays)


def load_model(path):
    """Read a network that save_model wrote.

    Inputs:
    - path: The file.

    Returns a tuple of:
    - model: A FullyConnectedNet.
    - mean_image: Array of shape (3, 32, 32), to be subtracted from pictures.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    weights = [arrays[f"params/W{i}"] for i in range(1, int(arrays["num_layers"]) + 1)]
    model = FullyConnectedNet(
        [w.shape[1] for w in weights[:-1]],
        input_dim=weights[0].shape[0],
        num_classes=weights[-1].shape[1],
        dropout=float(arrays["dropout"]),
        normalization=str(arrays["normalization"]) or None,
    )
    for name, value in arrays.items():
        kind, _, rest = name.partition("/")
        if kind == "params":
            model.params[rest] = value.astype(model.dtype)
        elif kind == "bn_params":
            number, _, key = rest.partition("/")
            model.bn_params[int(number)][key] = value
    return model, arrays["mean_image"]


def predict(model, images, mean_image, batch_size=500):
    """Label pictures as they come out of a camera.

    Inputs:
    - model: A trained network.
    - images: Array of bytes of shape (N, 32, 32, 3).
    - mean_image: Array of shape (3, 32, 32) that was subtracted from the training pictures.
    - batch_size: How many pictures to look at in one go, for the sake of memory.

    Returns an array of shape (N,): the label with the highest score for each picture.
    """
    y_pred = np.empty(len(images), dtype=np.int64)
    for start in range(0, len(images), batch_size):
        part = (
            images[start : start + batch_size].astype(np.float32).transpose(0, 3, 1, 2) - mean_image
        )
        y_pred[start : start + batch_size] = np.argmax(model.loss(part), axis=1)
    return y_pred
