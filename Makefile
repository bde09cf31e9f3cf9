# Everything here needs make and Python 3.11 or later; nothing else is to be installed first.
PYTHON ?= python3
BIN := .venv/bin

# A machine that forbids Python to keep what it compiled would compile all of it for each process that a test starts.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test check quick types pytest bench clean

run: .venv/served
	$(BIN)/crm serve

demo: .venv/served
	$(BIN)/crm demo

test: quick
	$(MAKE) --jobs=2 types pytest

check: quick types

quick: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/python -m crm.foundation.language.keeping check

# Beside the tests, since one core is all that it uses.
types: .venv/ready
	$(BIN)/mypy

# Each of the two workers has a core already: pools of threads of their own cost a seventh of an import's tests.
pytest: export POLARS_MAX_THREADS := 1
pytest: .venv/ready
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: .venv/ready
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What serving needs; then, beside it, what tests and tools need. `data/` is never touched.
.venv/served: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed; this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/ready: .venv/served requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
