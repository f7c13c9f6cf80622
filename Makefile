# Everything that one does with this project. `make help` lists it. Works with GNU make 3.81 and newer.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.set-up
SHENBAO := $(PY) -m cli.main
MEMBERS := libs/common libs/guide libs/cli services/intake services/eligibility services/quota \
	services/documents services/gateway
PACKAGES := common guide cli intake eligibility quota documents gateway
IDE := .tools/node_modules
IDE_PACKAGE := altair-static@8.5.9
PYTHONS := $(PYTHON) python3.13 python3.12 python3.11 python3

MODE ?=
SEASON ?=
ARGS ?=
CITY ?= 330800
SINGLE = $(if $(filter single,$(MODE)),--single,)

.DEFAULT_GOAL := help
.PHONY: help setup up demo test check check-full lint types imports sizes migrations snapshots fmt schema \
	bench bench-rush crash matrix test-pgbouncer test-python tools token lock ide clean deployment

help:
	@echo "make demo                play the story of one call, from draft to the provincial list"
	@echo "make demo CITY=guilin    another city's story: hengyang, guilin, lanzhou"
	@echo "make demo SEASON=full    the same with 150 applications and every fault of the notice; minutes"
	@echo "make up [MODE=single]    start Postgres and the five services; Ctrl-C stops all"
	@echo "make test [ARGS=...]     run the tests (ARGS go to pytest)"
	@echo "make check               all that must be green: lint, types, contracts, migrations, snapshots, tests"
	@echo "make check-full          the same and what takes long: all versions, the whole crash matrix, the full season"
	@echo "make fmt                 format, and fix what can be fixed"
	@echo "make schema              write openapi.json of each service and schema.graphql"
	@echo "make token ROLE=officer [CITY=330800] | SERVICE=intake | SUBJECT=..."
	@echo "make bench               measure the rules, assessments, matches and impact beside their peers"
	@echo "make bench-rush [MODE=single]  2,000 applicants in the last minute; fails where an invariant breaks"
	@echo "make crash               kill -9 of every part at every fault point; the season under random kills"
	@echo "make matrix              the tests on each Python and each Postgres that is found, and through PgBouncer"
	@echo "make test-pgbouncer      the tests through PgBouncer in transaction mode"
	@echo "make test-python PYTHON=python3.13   the tests on one Python, with an environment of its own"
	@echo "make tools               fetch the programs that tests use, and say which are missing"
	@echo "make deployment          judge deploy/ with the tools that are there"
	@echo "make setup               make the virtual environment (the others do it when needed)"
	@echo "make lock                resolve requirements.lock again (needs uv; ARGS='--upgrade-package x')"
	@echo "make clean               remove caches and the runner's state, not the virtual environment"

# ---------------------------------------------------------------- set-up

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml $(MEMBERS:%=%/pyproject.toml)
	@if [ ! -x $(PY) ]; then \
	  for candidate in $(PYTHONS); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	      chosen=$$candidate; break; \
	    fi; \
	  done; \
	  if [ -z "$${chosen:-}" ]; then \
	    echo "No Python 3.11 or newer was found: install one, or say make PYTHON=/path/to/python." >&2; exit 1; \
	  fi; \
	  echo "making $(VENV) with $$("$$chosen" --version)"; \
	  if ! "$$chosen" -m venv $(VENV); then \
	    rm -rf $(VENV); \
	    echo "This Python cannot make virtual environments: on Debian, apt-get install python3-venv." >&2; exit 1; \
	  fi; \
	fi
	@echo "installing the locked packages"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
	  $(MEMBERS:%=-e ./%)
	@$(MAKE) --no-print-directory ide
	@touch $(STAMP)

# The GraphQL IDE's files come from an npm package; without npm the gateway goes without the page.
ide:
	@if [ -d $(IDE)/altair-static ]; then :; \
	elif command -v npm >/dev/null 2>&1 && npm install --prefix .tools --silent --no-save --no-package-lock \
	    --no-audit --no-fund --ignore-scripts $(IDE_PACKAGE) >/dev/null 2>&1 && [ -d $(IDE)/altair-static ]; then \
	  echo "installed the GraphQL IDE"; \
	else \
	  echo "npm could not install $(IDE_PACKAGE): /graphql works, its page for the browser is left out"; \
	fi

lock:
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv (pip install uv)." >&2; exit 1; }
	uv pip compile --quiet pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate --no-emit-index-url --no-emit-find-links \
	  $(foreach member,$(PACKAGES),--no-emit-package shenbao-$(member)) $(ARGS) -o requirements.lock

# ---------------------------------------------------------------- run

up: $(STAMP)
	@exec $(SHENBAO) up $(SINGLE)

demo: $(STAMP)
	@exec $(SHENBAO) demo $(SINGLE) --city $(CITY) $(if $(SEASON),--season $(SEASON))

token: $(STAMP)
	@$(SHENBAO) token $(if $(SERVICE),--service $(SERVICE),$(if $(SUBJECT),--subject $(SUBJECT),--role $(ROLE))) \
	  --city $(CITY)

test: $(STAMP)
	@$(SHENBAO) test $(ARGS)

test-pgbouncer: $(STAMP)
	@SHENBAO_PGBOUNCER=1 $(SHENBAO) test $(ARGS)

test-python:
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make test-python PYTHON=/path/to/python: that one does not run, or is older than 3.11." >&2; exit 1; }
	@$(MAKE) test VENV=.tools/$(notdir $(PYTHON)) PYTHON=$(PYTHON)

matrix: $(STAMP)
	$(PY) deploy/checks/matrix.py $(ARGS)

crash: $(STAMP)
	SHENBAO_CRASH=full $(SHENBAO) test tests/crash $(ARGS)

tools: $(STAMP)
	@$(SHENBAO) tools || true
	@$(MAKE) --no-print-directory ide
	@$(SHENBAO) tools --look

bench-rush: $(STAMP)
	@$(SHENBAO) bench rush $(SINGLE) $(ARGS)

bench: $(STAMP)
	@$(SHENBAO) bench $(ARGS)

# ---------------------------------------------------------------- check

check: lint types imports sizes migrations snapshots test

check-full: check
	$(PY) deploy/checks/matrix.py
	SHENBAO_SEASON=full $(SHENBAO) test tests/e2e/test_season.py
	SHENBAO_CRASH=full $(SHENBAO) test tests/crash
	SHENBAO_PARTIAL=full $(SHENBAO) test tests/partial
	SHENBAO_RESTORE=full $(SHENBAO) test tests/restore
	SHENBAO_LIFE=full $(SHENBAO) test tests/life

lint: $(STAMP)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(STAMP)
	$(PY) -m mypy $(PACKAGES:%=-p %)
	$(PY) -m mypy deploy/checks

imports: $(STAMP)
	$(VENV)/bin/lint-imports --no-logo

sizes: $(STAMP)
	$(PY) deploy/checks/file_sizes.py

migrations: $(STAMP)
	$(PY) deploy/checks/migrations.py

snapshots: $(STAMP)
	$(PY) deploy/checks/snapshots.py

schema: $(STAMP)
	$(PY) deploy/checks/snapshots.py --write

fmt: $(STAMP)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	rm -rf .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find libs services tests deploy -type d -name __pycache__ -prune -exec rm -rf {} +

deployment: $(STAMP)
	$(PY) deploy/checks/deployment.py $(ARGS)
