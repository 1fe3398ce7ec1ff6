# Everything sets itself up in .venv; a machine needs only Python 3.11, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help rehearse up test check docs bench lock clean

help:            ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once; about a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; run make PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@echo "adding what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

rehearse: $(VENV)/.ready      ## play every scenario and judge it
	@$(BIN)/rehearse run

up: $(VENV)/.ready            ## start all servers on their ports, until Ctrl-C
	@$(BIN)/rehearse up

test: $(VENV)/.ready-dev      ## the whole test suite
	@$(BIN)/python -m pytest -n auto

check: $(VENV)/.ready-dev     ## style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.ready         ## renew the reference pages from the code
	@$(BIN)/python -m docs.generate

bench: $(VENV)/.ready        ## registrations and verifications per second on this machine
	@$(BIN)/python -m bench

lock: $(VENV)/.ready-dev      ## renew the committed locks
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q --python-version 3.11 --universal --extra dev --generate-hashes --custom-compile-command "make lock" pyproject.toml -o requirements-dev.lock
	@$(BIN)/uv pip compile -q --python-version 3.11 --universal --generate-hashes --custom-compile-command "make lock" -c requirements-dev.lock pyproject.toml -o requirements.lock

clean:           ## forget the environment and what rehearsals left
	rm -rf $(VENV) .rehearsal report
