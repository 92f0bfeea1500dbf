"""Keeps pictures off the screen."""

import os

os.environ["MPLBACKEND"] = "Agg"
