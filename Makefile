# `make serve` and `make test` are all the set-up there is: Python 3.11 to 3.13 and make are enough.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -qq
UV := uv==0.13.9
COMPILE := build/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-package telehealth-core pyproject.toml

# An environment is good for one content of lock and project, at one place.
key = $(shell { cat requirements/$(1).lock pyproject.toml; echo '$(CURDIR)'; } | cksum | cut -d' ' -f1)
RUN := $(VENV)/.run-$(call key,run)
DEV := $(VENV)/.dev-$(call key,dev)

.PHONY: help serve demo drill test cluster check coverage mutate bench docs lock clean python

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

serve: $(RUN) ## start the clinic on this machine
	@exec $(VENV)/bin/telehealth serve $(ARGS)

demo: $(RUN) ## walk through one day of the clinic
	@exec $(VENV)/bin/telehealth demo $(ARGS)

drill: $(RUN) ## rehearse losing everything: back up, restore, compare
	@exec $(VENV)/bin/telehealth drill

test: $(DEV) ## run every test (ARGS="-k words" for some)
	@$(PY) -m pytest $(ARGS)

cluster: $(DEV) ## lose the primary of a replicated clinic (installs nginx and pgbouncer)
	@PATH="$$PATH:/usr/sbin"; command -v nginx >/dev/null && command -v pgbouncer >/dev/null || { \
		[ `id -u` = 0 ] && command -v apt-get >/dev/null || \
			{ echo "install nginx and pgbouncer first" >&2; exit 1; }; \
		apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq --no-install-recommends nginx-light pgbouncer >/dev/null; }
	@$(PY) -m pytest tests/cluster $(ARGS)

check: $(DEV) ## style, types and the dependency rule
	$(PY) -m ruff format --check
	$(PY) -m ruff check
	$(PY) -m mypy
	$(PY) -m pyright --pythonpath $(PY)
	$(PY) $(VENV)/bin/lint-imports

coverage: $(DEV) ## every line and branch of the core is run by the unit tests
	@$(PY) -m coverage run --source=src/telehealth_core -m pytest -q tests/unit $(ARGS)
	@$(PY) -m coverage report --omit='src/telehealth_core/testing/*' --fail-under=100

mutate: python ## change the code of four capabilities, a mutant at a time: tests have to notice (hours)
	@$(PYTHON) -m venv build/mutate
	@build/mutate/bin/python -m pip --disable-pip-version-check install -qq \
		--require-hashes -r requirements/mutate.lock
	@CI=true PATH="$(CURDIR)/build/mutate/bin:$$PATH" mutmut run $(ARGS)
	@build/mutate/bin/python tests/mutations.py

bench: $(DEV) ## measure
	@$(PY) bench/run.py $(ARGS)

docs: $(DEV) ## render the generated pages
	@$(VENV)/bin/telehealth docs $(ARGS)

lock: python ## pin every dependency anew (ARGS="--upgrade" for newer versions)
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check install -qq $(UV)
	$(COMPILE) --extra server --group build -o requirements/run.lock $(ARGS) >/dev/null
	$(COMPILE) --extra server --extra testing --group build --group dev \
		-c requirements/run.lock -o requirements/dev.lock $(ARGS) >/dev/null
	$(COMPILE) --extra server --extra testing --group build --group dev --group mutate \
		-c requirements/dev.lock -o requirements/mutate.lock $(ARGS) >/dev/null

clean: ## remove what the other targets made, except data
	rm -rf $(VENV) build dist mutants htmlcov .coverage .hypothesis .*_cache

$(RUN): | python
	@echo "Preparing $(VENV) (once; about half a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@$(PIP) --require-hashes -r requirements/run.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

$(DEV): | python
	@echo "Preparing $(VENV) for tests (once; about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@$(PIP) --require-hashes -r requirements/dev.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $(RUN) $@

python:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "$(PYTHON) not found: install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=/path/to/python3.12"; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "$(PYTHON) is `$(PYTHON) -V 2>&1`, and 3.11, 3.12 or 3.13 is needed. Name another: make PYTHON=python3.12"; exit 1; } >&2
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; } >&2
