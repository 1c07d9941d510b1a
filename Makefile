# Two commands matter: `make demo` and `make test`. Both do all set-up and are instant when done.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
SERVE ?= 1
PORT ?= 8501
DEMO_HOME ?= .qa/demo
DEMO = QA_HOME=$(DEMO_HOME) QA_SETTINGS=samples/qa.toml $(BIN)/qa
PACKS := whisper-base segmentation-3.0 campplus-zh-en e5-small
INSTALLED := $(VENV)/.installed-$(shell cat constraints.txt pyproject.toml 2>/dev/null | sha256sum | cut -c1-12)

.PHONY: setup models demo test unit lint type docs system clean

setup: $(INSTALLED)

# torch brings its own companions (on a GPU machine the CUDA libraries), so it is installed with
# dependencies; everything else is pinned in constraints.txt, which needs no resolver.
$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) (once; about two minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --progress-bar on --quiet --no-deps --no-compile -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@rm -f $(VENV)/.installed-*; touch $@

models: setup
	@$(BIN)/qa models pull $(PACKS)

demo: models
	@$(DEMO) roster samples/roster.csv
	@$(DEMO) run samples/calls
	@$(DEMO) people import-all samples/kpi
	@$(DEMO) people period 2026-09
	@if [ "$(SERVE)" != "0" ]; then $(DEMO) dashboard --port $(PORT); fi

# Packages of the browser tier and Chinese fonts, installed only when missing and only by root.
system:
	@bash tests/system_packages.sh

# Quick tests, then those with models and servers, on two processes of one thread each; the browser
# alone. The second kind file by file, in order: what a file prepares (a night, a model) is dear.
test: models system
	$(BIN)/python -m pytest -q -n 2 -m "not models and not flow and not browser"
	QA_THREADS=1 $(BIN)/python -m pytest -v -n 2 --dist loadfile --no-loadscope-reorder \
	  -m "(models or flow) and not browser"
	$(BIN)/python -m pytest -m browser

unit: setup
	$(BIN)/python -m pytest -m "not models and not flow and not database and not browser"

lint: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

type: setup
	$(BIN)/mypy

docs: setup
	$(BIN)/python -c 'from scoring.loader import schema_text; print(schema_text(), end="")' \
	  > scoring/scorecards/scorecard.schema.json
	$(BIN)/python -c 'from scoring.reference import rule_reference; print(rule_reference(), end="")' \
	  > scoring/scorecards/RULES.md

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache
