"""Parameters from one table of sizes."""

import numpy as np


class ThreeLayerConvNet:
    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=32,
        filter_size=7,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype=np.float32,
    ):
        C, H, W = input_dim
        self.reg, self.dtype = reg, dtype
        sizes = {
            "W1": (num_filters, C, filter_size, filter_size),
            "W2": ((H // 2) * (W // 2) * num_filters, hidden_dim),
            "W3": (hidden_dim, num_classes),
            "b1": num_filters,
            "b2": hidden_dim,
            "b3": num_classes,
        }
        self.params = {}
        for name, size in sizes.items():
            scale = weight_scale if name[0] == "W" else 0.0
            self.params[name] = np.random.normal(0, 1, size).astype(dtype) * dtype(scale)
            if not scale:
                self.params[name] = np.zeros(size, dtype=dtype)
