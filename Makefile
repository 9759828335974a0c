# Leitner's verbs; `make` alone lists them. Needed: make, and Python 3.11 or newer.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PYTEST := $(BIN)/python -m pytest -q
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# $(call said,NAME): what the environment or .env says of NAME, so that defaults do not override it.
said = $(or $($(1)),$($(1)_FILE),$(shell sed -nE 's/^$(1)(_FILE)?=(.+)/\2/p' .env 2>/dev/null | tail -n 1))
DATA := $(or $(call said,DATA_DIR),var)

# How Leitner runs on a machine of one's own: a key made once, plain http, a demo learner.
ifeq ($(call said,SECRET_KEY),)
run: export SECRET_KEY_FILE := $(CURDIR)/var/secret_key
endif
run: export HTTPS := $(or $(call said,HTTPS),0)
run: export DEMO := $(or $(call said,DEMO),1)

STATIC := $(shell find leitner/static -type f 2>/dev/null)

# Nothing half-made stays behind.
.DELETE_ON_ERROR:
.PHONY: help run test lint format e2e bench bench-load

help: ## what can be made
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/make \1  \2/p' Makefile | awk '{printf "%s %-11s", $$1, $$2; $$1 = $$2 = ""; print}'

run: .venv/.run var/secret_key $(DATA)/.collected ## start Leitner with a demo learner at http://localhost:8000/
	@$(MANAGE) migrate --verbosity 0
	@if [ "$$DEMO" = 1 ]; then $(MANAGE) demo; fi
	@echo "Leitner is at http://$(if $(filter 127.0.0.1,$(HOST)),localhost,$(HOST)):$(PORT)/ - Ctrl+C stops it."
	@exec $(BIN)/gunicorn leitner.wsgi --bind $(HOST):$(PORT) --workers 1 --threads 8 --log-level warning

test: .venv/.dev ## run every test, on SQLite and on PostgreSQL
	@echo "== SQLite"
	$(PYTEST) -n logical --dist loadfile -m "not e2e"
	@echo "== PostgreSQL"
	TEST_DATABASE=postgres $(PYTEST) -n logical --dist loadfile -m "not e2e"
	@$(MAKE) --no-print-directory e2e

e2e: .venv/.dev ## run the page tests in Chromium, on SQLite and on PostgreSQL
	@echo "== Pages on SQLite"
	$(PYTEST) -n logical -m e2e
	@echo "== Pages on PostgreSQL"
	TEST_DATABASE=postgres $(PYTEST) -n logical -m e2e

lint: .venv/.dev ## check style, types and templates
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates

format: .venv/.dev ## put the code in shape
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

bench: .venv/.dev ## measure; BENCH_SCALE=0.01 for a quick look
	$(BIN)/python -m tests.benchmarks

bench-load: .venv/.dev ## measure 10,000 learners at the production command
	$(BIN)/python -m tests.benchmarks.load

# The virtual environment, made when missing, filled anew when the requirements change.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Leitner needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv

.venv/.run: requirements.txt | $(BIN)/python
	@echo "Installing what Leitner needs ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-dev.txt
	@touch .venv/.run $@

var/secret_key:
	@mkdir -p var
	@umask 077 && $(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))" > $@

$(DATA)/.collected: .venv/.run var/secret_key $(STATIC)
	@mkdir -p $(DATA)
	@DEBUG=0 $(MANAGE) collectstatic --noinput --clear --verbosity 0
	@touch $@
