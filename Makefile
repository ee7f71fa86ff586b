.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
export PYTHONUNBUFFERED := 1

.PHONY: help run setup test lint fix bench goldens seed clean browser exiftool

help: ## Say what there is.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: pyproject.toml
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@echo "Installing (the first time takes a few minutes) …"
	@$(BIN)/python -m pip install --upgrade "pip>=25" > $(VENV)/install.log 2>&1 && \
		$(BIN)/python -m pip install --editable . >> $(VENV)/install.log 2>&1 || \
		{ tail -n 30 $(VENV)/install.log; exit 1; }
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --editable ".[dev]" >> $(VENV)/install.log 2>&1 || \
		{ tail -n 30 $(VENV)/install.log; exit 1; }
	@touch $@

# Everything that depends on the code, done again only when the code has changed.
$(VENV)/.prepared: $(VENV)/.installed $(shell find studio inference static -name '*.py' -o -name '*.css' -o -name '*.js' -o -name '*.svg')
	@$(BIN)/python -m inference weights pull
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@

setup: $(VENV)/.installed-dev ## Install everything a developer needs.
	$(BIN)/python -m inference weights pull

run: export SOFTBOX_DEMO ?= 1
run: $(VENV)/.prepared ## Install, prepare and start the studio on http://127.0.0.1:8000.
	@$(BIN)/python manage.py up --prepare --host $(HOST) --port $(PORT)

test: setup browser exiftool ## Run every test, the browser's too where there is one.
	$(BIN)/python -m pytest -n 2
	$(BIN)/python -m pytest -m browser -p no:randomly tests/browser

# As root the browser that its tests drive is installed; otherwise they say why they are skipped.
browser:
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; fi

# As root the reader that checks the metadata of published files; otherwise its tests say so.
exiftool:
	@if ! command -v exiftool >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && apt-get install -y -qq --no-install-recommends libimage-exiftool-perl \
		>/dev/null; fi

lint: setup ## Check form, types, imports and spelling.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/typos
	$(BIN)/python manage.py makemigrations --check --dry-run

fix: setup ## Mend what can be mended by itself.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

bench: setup ## Measure the engine and the studio on this machine.
	$(BIN)/python -m inference bench
	$(BIN)/python -m studio.ops.bench

goldens: setup ## Record the stored API schema anew, after looking at the difference.
	SOFTBOX_RECORD=1 $(BIN)/python -m pytest tests/contracts/test_openapi.py -p no:randomly

seed: $(VENV)/.prepared ## Install styles and the demo workspace again.
	SOFTBOX_DEMO=1 $(BIN)/python manage.py seed

clean: ## Remove what was installed and built; data in var/ stays.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
