# Everything sets itself up in .venv; a machine needs only Python 3.11, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := $(BIN)/uv pip compile -q --python-version 3.11 --universal --generate-hashes --custom-compile-command "make lock"

# a module is compiled once, not by each of the processes that tests and stories start
export PYTHONDONTWRITEBYTECODE :=
# and of what is installed only what is imported
export PIP_COMPILE := no
# what somebody set for another Python, or for another place to install to, is not meant for .venv
export PIP_USER := no
unexport PIP_CONSTRAINT PIP_PREFIX PIP_PYTHON PIP_REQUIRE_HASHES PIP_ROOT PIP_TARGET
unexport PYTHONHOME PYTHONOPTIMIZE PYTHONPATH PYTHONWARNINGS

.PHONY: help rehearse up test check docs site bench lock clean

help:            ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; run make PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else 0'
	@.ci/quietly "making an environment in $(VENV)" $(PYTHON) -m venv $(VENV)
	@.ci/quietly "installing what the servers and the scenarios need" $(BIN)/python -m pip install --require-hashes -r requirements.lock
	@.ci/quietly "installing the kit itself" $(BIN)/python -m pip install --no-deps -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@.ci/quietly "installing what the tests need" $(BIN)/python -m pip install --require-hashes -r requirements-dev.lock
	@# the tests are compiled meanwhile
	@$(BIN)/python -m pytest --collect-only >/dev/null 2>&1 & $(BIN)/python -m tests.programs && wait
	@touch $@

rehearse: $(VENV)/.ready      ## play every scenario and judge it
	@$(BIN)/rehearse run

up: $(VENV)/.ready            ## start all servers on their ports, until Ctrl-C
	@$(BIN)/rehearse up

test: $(VENV)/.ready-dev      ## the whole test suite, on every core
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: $(VENV)/.ready-dev     ## style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.ready         ## renew the reference pages from the code
	@$(BIN)/python -m docs.generate

site: $(VENV)/.ready          ## the documentation as a site, in site/
	@.ci/quietly "installing what the site needs" $(BIN)/python -m pip install --require-hashes -r docs/site.lock
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "site/index.html; with search: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

bench: $(VENV)/.ready        ## registrations and verifications per second on this machine
	@$(BIN)/python -m bench

lock: $(VENV)/.ready-dev      ## renew the committed locks
	@.ci/quietly "installing uv" $(BIN)/python -m pip install uv
	@$(LOCK) --extra dev pyproject.toml -o requirements-dev.lock
	@$(LOCK) --extra rehearsal --extra traces -c requirements-dev.lock pyproject.toml -o requirements.lock
	@$(LOCK) tests/programs/node.in -o tests/programs/node.lock
	@$(LOCK) -c requirements-dev.lock docs/site.in -o docs/site.lock

clean:           ## forget the environment and what rehearsals left
	rm -rf $(VENV) .rehearsal report site
