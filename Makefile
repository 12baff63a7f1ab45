# `make demo` shows what Leadyard does, `make dev` leaves it running, `make test` runs all that CI runs.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes --requirement

.PHONY: demo dev test check bench bench-matching lock clean

demo: .venv/run
	$(BIN)/python examples/demo.py

dev: .venv/run
	$(BIN)/python examples/demo.py --stay

test: check
	$(BIN)/python -m pytest -n auto

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python examples/make_examples.py --check

bench: .venv/dev
	$(BIN)/python -m benchmarks.run

bench-matching: .venv/dev
	$(BIN)/python -m benchmarks.matching

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Leadyard needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/python requirements/run.txt pyproject.toml
	$(LOCKED) requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/python requirements/dev.txt pyproject.toml
	$(LOCKED) requirements/dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/run

# Locks the dependencies anew, by name, version and hash.
lock: .venv/dev
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
		pyproject.toml --group build --output-file requirements/run.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
		pyproject.toml --group build --group test --group check --constraint requirements/run.txt \
		--output-file requirements/dev.txt

clean:
	rm -rf .venv leadyard-data
