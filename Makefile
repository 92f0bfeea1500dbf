# Each target works on a fresh machine with Python 3.11+, git and make.
PYTHON ?= python3
BIN := .venv/bin
export OPENBLAS_NUM_THREADS = 1
export OMP_NUM_THREADS = 1

.PHONY: setup demo test lessons check build bench lowest clean
setup: .venv/.installed
.venv/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: setup       ## build the course, grade a sample class, show marks and pages
	$(BIN)/autograder demo

test: setup       ## all tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

lessons: setup    ## every lesson from its first cell to its last, which takes a quarter of an hour
	$(BIN)/python -m pytest -n auto --all-lessons tests/course/test_whole_lessons.py

check: setup      ## style, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

build: setup      ## source/ and release/ from assignments/
	$(BIN)/autograder build

bench: setup      ## speed and trust beside stock nbgrader, naming, --watch; then the fast layers
	$(BIN)/python bench/one_page.py
	$(BIN)/python bench/convolution.py

lowest:           ## the fast tests with the lowest versions that pyproject.toml allows, which deprecate each other
	rm -rf .venv-lowest && $(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python \
	    --resolution lowest-direct --editable '.[dev]'
	.venv-lowest/bin/python -m pytest -n auto -m "not slow" -W ignore::DeprecationWarning

clean:            ## everything that the other targets made, except .venv
	rm -rf demo autograded feedback reports gradebook.db .certify .bench .pytest_cache .mypy_cache .ruff_cache
