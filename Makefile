# Targets for developers and CI. Each one first installs what it needs, so a second run is quick.
#
#   make demo     see a model give its training data away
#   make up       run the service on this machine
#   make test     unit, integration and front-end tests
#   make e2e      the dashboard in a real Chromium
#   make pages    every page at four widths and in both themes, compared with its pictures
#   make check    formatting, types, layers, OpenAPI document and the types made from it
#   make audit    known vulnerabilities of the packages, secrets in the repository, faults of the GitHub action
#   make fuzz-api three minutes of generated requests to every operation of the API
#
# PYTHON=python3.12       another interpreter (3.11 or newer) for .venv
# PIP_OPTIONS="..."       further options for pip, for example an index with CPU-only builds of torch
# COVERAGE=1              also measure which lines the Python tests run
# ARGS="..."              options of `exhume demo`, `exhume up`, pytest or fuzz-api: make demo ARGS=--compare

PYTHON ?= python3
PIP_OPTIONS ?=
ARGS ?=
JOBS ?= 3
COVERAGE ?=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
INSTALLED := $(STAMPS)/installed
TOOLS := $(STAMPS)/tools
AUDIT := $(STAMPS)/audit
NODE_INSTALLED := frontend/node_modules/.installed
DASHBOARD := app/static/index.html
FRONTEND_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
	$(wildcard frontend/*.html frontend/*.ts frontend/*.json frontend/*.js)

# With this variable, every process that a test starts would compile the code again.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.DELETE_ON_ERROR:
.PHONY: help setup build product demo up test test-python test-frontend e2e pages check check-python check-frontend audit fuzz-api openapi clean

help:
	@sed -n 's/^#   //p' Makefile

setup: $(TOOLS) $(NODE_INSTALLED)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Exhume needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet $(PIP_OPTIONS) -c constraints.txt -e '.[train-verifiers]'
	@mkdir -p $(STAMPS)
	@touch $@

$(TOOLS): $(INSTALLED)
	$(BIN)/python -m pip install --quiet $(PIP_OPTIONS) -c constraints.txt 'exhume[otel,train-verifiers]' --group dev
	@touch $@

$(AUDIT): $(TOOLS)
	$(BIN)/python -m pip install --quiet $(PIP_OPTIONS) -c constraints.txt --group audit
	@touch $@

build: $(DASHBOARD)

$(NODE_INSTALLED): frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo "The dashboard is built with Node.js 20.19 or newer: install nodejs and npm" >&2; exit 1; }
	npm --prefix frontend ci --no-audit --no-fund --no-update-notifier
	@touch $@

$(DASHBOARD): $(NODE_INSTALLED) $(FRONTEND_SOURCES)
	npm --prefix frontend run --silent build -- --logLevel error
	@touch $@

# Install packages and build the dashboard at the same time: both mostly wait for downloads.
product:
	@$(MAKE) --no-print-directory --jobs=2 $(INSTALLED) $(DASHBOARD)

demo: product
	$(BIN)/exhume demo $(ARGS)

up: product
	$(BIN)/exhume up $(ARGS)

test: test-python test-frontend

# --dist loadgroup: tests that share servers or a trained model run in one process. (pytest-xdist 3.8
# cannot tell pytest 9.2 the groups, so constraints.txt pins pytest 9.1.)
# Coverage counts lines with sys.monitoring where Python has it (3.12), which costs far less.
test-python: $(TOOLS)
	$(BIN)/python -m compileall -q app exhume worker migrations bench
	$(if $(COVERAGE),COVERAGE_CORE=$$($(BIN)/python -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")')) \
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(if $(COVERAGE),--cov --cov-report=term:skip-covered) $(ARGS)

test-frontend: $(NODE_INSTALLED)
	npm --prefix frontend test

# Needs the tools, because one test reads the text of a report with one of them.
e2e: product $(TOOLS)
	chromium=$$(.ci/chromium) && EXHUME_CHROMIUM="$$chromium" npm --prefix frontend run e2e

pages: $(DASHBOARD)
	chromium=$$(.ci/chromium) && EXHUME_CHROMIUM="$$chromium" npm --prefix frontend run pages

check: check-python check-frontend

check-python: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m app.openapi $(STAMPS)/openapi.json $(STAMPS)/result.schema.json $(STAMPS)/exhume.schema.json
	diff -u openapi.json $(STAMPS)/openapi.json || { echo "openapi.json is out of date: make openapi" >&2; exit 1; }
	diff -u app/audits/result.schema.json $(STAMPS)/result.schema.json \
	    || { echo "app/audits/result.schema.json is out of date: make openapi" >&2; exit 1; }
	diff -u app/cli/gate_file/exhume.schema.json $(STAMPS)/exhume.schema.json \
	    || { echo "app/cli/gate_file/exhume.schema.json is out of date: make openapi" >&2; exit 1; }

# Needs the dashboard, because its build fails if a page loads too much.
check-frontend: $(DASHBOARD)
	npm --prefix frontend run lint
	npm --prefix frontend run typecheck
	npm --prefix frontend run --silent api-types -- --check || { echo "schema.ts is out of date: make openapi" >&2; exit 1; }

audit: $(AUDIT) $(NODE_INSTALLED)
	$(BIN)/python .ci/secret_scan.py
	$(BIN)/zizmor --offline --no-progress --quiet --pedantic ci/github
	$(BIN)/python .ci/advisories.py

# At low priority, because it runs for a fixed time, however much it gets done.
fuzz-api: $(TOOLS)
	$(BIN)/python -m pip install --quiet $(PIP_OPTIONS) -c constraints.txt --group fuzz-api
	nice -n 5 $(BIN)/python -m bench.hostile.generated_requests $(ARGS)

openapi: $(INSTALLED)
	$(BIN)/python -m app.openapi
	npm --prefix frontend run api-types

clean:
	rm -rf $(VENV) frontend/node_modules app/static
