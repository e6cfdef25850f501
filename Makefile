# make demo: set up and run the main job.   make test: set up and pass every check.
# Nothing but Python 3.11 to 3.14 (with venv and pip) is needed.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TESTED := $(VENV)/.tested

.PHONY: demo test lint fix bench clean

demo: $(INSTALLED)
	$(BIN)/dedup scan fixtures/demo

test: lint
	$(BIN)/dedup scan fixtures/demo --quiet # compiles the kernels once, before each worker does
	$(BIN)/pytest --numprocesses auto

lint: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright --pythonpath $(BIN)/python

fix: $(TESTED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TESTED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(INSTALLED): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(TESTED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group test
	touch $@
