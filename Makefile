# `make serve` starts the service, `make demo` shows what it does, `make dev` leaves that running, `make test` runs all that CI runs.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
INSTALL := $(PIP) install
LOCKED := $(INSTALL) --require-hashes --requirement
OURS := --no-deps --no-build-isolation --editable client --editable .

.PHONY: serve demo dev test tests check bench bench-matching bench-overload chaos fuzz soak sbom audit lock clean

serve: .venv/run
	$(BIN)/leadyard serve

demo: .venv/run
	$(BIN)/python examples/demo.py

dev: .venv/run
	$(BIN)/python examples/demo.py --stay

test: check tests

# Some tests run make, which is not to share the jobs of this one.
tests: .venv/dev
	unset MAKEFLAGS MAKELEVEL; $(BIN)/python -m pytest -n auto

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python examples/make_examples.py --check
	$(BIN)/python tools/check_licenses.py

# Everything, within 15 minutes on two cores; ARGUMENTS="--only adding peers --database sqlite" is less.
bench: .venv/dev
	$(BIN)/python -m benchmarks $(ARGUMENTS)

bench-matching: .venv/dev
	$(BIN)/python -m benchmarks.matching

bench-overload: .venv/dev
	$(BIN)/python -m benchmarks.overload

chaos: .venv/dev
	$(BIN)/python -m tests.chaos

soak: .venv/dev
	$(BIN)/python -m tests.chaos.soak

fuzz: .venv/dev
	$(BIN)/python -m tests.fuzz

# The pip that comes with Python takes three times as long to choose among the files of an index.
.venv/python: requirements/pip.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Leadyard needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	$(LOCKED) requirements/pip.txt
	@touch $@

.venv/run: .venv/python requirements/run.txt pyproject.toml client/pyproject.toml
	$(LOCKED) requirements/run.txt
	$(INSTALL) $(OURS)
	@touch $@

.venv/dev: .venv/python requirements/dev.txt pyproject.toml client/pyproject.toml
	$(LOCKED) requirements/dev.txt
	$(INSTALL) $(OURS)
	@touch $@ .venv/run

# The bill of materials (CycloneDX) of what requirements/otel.txt installs.
sbom: .venv/audit
	@mkdir -p dist
	.venv/audit/bin/cyclonedx-py requirements requirements/otel.txt --pyproject pyproject.toml \
		--output-reproducible --output-file dist/sbom.json
	@echo "dist/sbom.json: the bill of materials"

# Asks the vulnerability service of the Python package index, which CI cannot reach: run it where you can.
audit: .venv/audit
	.venv/audit/bin/pip-audit --requirement requirements/otel.txt --require-hashes --disable-pip --strict

.venv/audit: .venv/python requirements/audit.txt
	$(PYTHON) -m venv --without-pip $@
	$(PIP) --python $@ install --require-hashes --requirement requirements/audit.txt
	@touch $@

# Locks the dependencies anew, by name, version and hash. The client is no package of an index: it is in client/.
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-package leadyard-client --universal --python-version 3.11

lock: .venv/dev
	$(LOCK) pyproject.toml --group build --output-file requirements/run.txt
	$(LOCK) pyproject.toml --group build --extra otel --constraint requirements/run.txt \
		--output-file requirements/otel.txt
	$(LOCK) pyproject.toml --group build --extra otel --extra mcp --group test --group check \
		--constraint requirements/otel.txt --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --group build --group peers --constraint requirements/run.txt \
		--output-file requirements/peers.txt
	$(LOCK) --group audit --output-file requirements/audit.txt
	$(LOCK) --group pip --output-file requirements/pip.txt

clean:
	rm -rf .venv leadyard-data
