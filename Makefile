# Tenon. Everything here only calls what `tenon` and the tools offer.
#   make run     install, build, start everything with the sales demo, print address and log-ins
#   make test    the whole test suite, against a PostgreSQL, a Redis and a Chromium of its own
#   make check   format, lint, types, floors          make bench   speed, as ratios against hand-written code
#   make soak    the long property, fault and load runs: make soak MINUTES=60
#   make lock    renew the lock files after a change of pyproject.toml

# Byte code is kept, whatever the surroundings say: without it every start takes seconds longer.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := run
.PHONY: run test check format types floors bench soak lock clean front dev

# The first Python that runs and is recent enough: a name alone says little (a version manager has shims for what is not there).
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
MINUTES ?= 10
TESTS ?= tests
WORKERS ?= auto

run: .venv/.run
	@$(BIN)/python -m engine.screens.build
	@exec $(BIN)/tenon run

test: .venv/.dev
	@echo "Tenon: running the tests (PostgreSQL, Redis and Chromium of their own) …"
	@$(BIN)/python -m engine.screens.build
	@$(BIN)/python tests/chromium.py
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: types format floors

types: .venv/.dev
	@echo "Tenon: checking types …"
	$(BIN)/mypy

format: .venv/.dev
	@echo "Tenon: checking format and lint …"
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

floors: .venv/.dev
	@echo "Tenon: checking floors …"
	$(BIN)/lint-imports

bench: .venv/.dev
	@echo "Tenon: measuring against hand-written code …"
	$(BIN)/python -m engine.screens.build
	$(BIN)/python -m tests.bench $(ARGS)

soak: .venv/.dev
	@echo "Tenon: long runs, about $(MINUTES) minutes …"
	TENON_EXAMPLES=search TENON_SOAK_MINUTES=$(MINUTES) $(BIN)/python -m pytest -m soak $(TESTS)

front: .venv/.run
	$(BIN)/python -m engine.screens.build

dev: .venv/.dev
	$(BIN)/pre-commit install

# The environment is made once, and again only when a lock file changes.
.venv/.run: requirements.txt pyproject.toml
	@echo "Tenon: installing into .venv …"
	@$(MAKE) --no-print-directory .venv/bin/python
	@$(PIP) install --progress-bar on --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	@echo "Tenon: installing the tools for development …"
	@$(PIP) install --progress-bar on --require-hashes -r requirements-dev.txt
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Tenon needs Python 3.11 or later: install it, or name it by PYTHON=…" >&2; exit 3; }
	@$(PYTHON) -m venv .venv || \
		{ echo "Python's venv module is incomplete: on Debian and Ubuntu install python3-venv." >&2; exit 3; }

PIN = $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --build-deps-for editable
lock: .venv/.dev
	@echo "Tenon: renewing the lock files …"
	$(PIN) --upgrade -o requirements.txt pyproject.toml
	$(PIN) --upgrade --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache engine/screens/static
