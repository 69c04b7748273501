# make demo: train on the bundled digits. make test: the tests. Both make their own virtual environment.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO_RUN ?= runs/demo-$(shell date +%Y%m%d-%H%M%S)

.PHONY: demo test lint soak format clean

demo: $(VENV)/.runtime
	$(BIN)/sqsq train-usps --data digits --iterations 60 --run-dir $(DEMO_RUN)
	@echo "learning curve: $(DEMO_RUN)/training.png"

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not soak and not slow" --durations=20 $(PYTEST_OPTIONS)

soak: $(VENV)/.dev
	$(BIN)/python -m pytest -m "soak or slow"
	PROPERTY_EXAMPLES=10000 $(BIN)/python -m pytest -n 2 --dist worksteal tests/property

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sqsq needs Python 3.11 or newer: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[fast,zne]"
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@
