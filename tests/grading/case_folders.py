"""Where the case folders are; each holds a submission and the expected.json that goes with it."""

from pathlib import Path

FOLDER = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in FOLDER.iterdir())
