# Everything here needs Python >= 3.11 and make; each target makes the virtual environment it uses.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help test check format clean

help: ## list every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

test: $(VENV)/.ready ## unit, integration and template tests: needs no system package
	$(BIN)/pytest

check: $(VENV)/.ready ## lint, types, import contracts, template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready ## put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what the build made (not the data of make run)
	rm -rf $(VENV) build .aws-sam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
