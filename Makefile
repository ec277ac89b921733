# Every target sets itself up: all that is needed is Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test mutants coverage lint audit docs bench clean

setup: $(STAMP)  ## Make .venv and install the project with all that its tests need

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: setup  ## Run the main job on the embedded sandbox: Kayako to Zammad, end to end
	$(BIN)/migrate demo

test: setup  ## Run the whole test suite
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# One part: make mutants PART=retry; the parts stand in tests/mutation/parts.toml.
mutants: setup  ## Break the program in small ways and list what no test notices (minutes to an hour)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	$(BIN)/python -m tests.mutation $(PART)

coverage: setup  ## Measure lines and branches of runner/ that the suite runs; fail under 95 % of either
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest --numprocesses 2 --dist worksteal
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report
	$(BIN)/python -m coverage json --quiet -o build/coverage.json
	$(BIN)/python -m tests.coverage build/coverage.json

lint: setup  ## Style, types and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: setup  ## Compare installed packages with known vulnerabilities; without a network it is skipped
	.ci/audit

docs: setup  ## Write reference pages, tutorial and golden files anew from schemas, mappings and the sandbox
	$(BIN)/python -m runner.report.reference docs
	$(BIN)/python -m tests.behaviour.tutorial
	$(BIN)/python -m tests.behaviour.golden
	$(BIN)/python -m tests.reliability
	$(BIN)/python -m tests.report.runbook.golden

# One alone, or a quick look: .venv/bin/python -m benchmarks saturation 0.2; --help lists them.
bench: setup  ## Measure speed, CPU and memory; prints a table, writes benchmarks/results.json (three hours)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .venv-audit build dist .mypy_cache .pytest_cache .ruff_cache
	rm -f .coverage .coverage.*
