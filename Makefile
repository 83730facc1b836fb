# Every target makes `.venv` and installs the hash-locked dependencies by itself.
# The stamp's name holds the lock's checksum, so nothing is installed twice.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The first interpreter of a supported version; say `make PYTHON=/path/to/python3.12 ...` for another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && { echo "$$p"; exit; }; done; echo python3)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
LOCK := requirements/dev.txt
DEPS := $(VENV)/lock-$(firstword $(shell cksum < $(LOCK) 2>/dev/null))
# An interpreter that was asked for by name gets a .venv of its own version; what runs by default
# takes the one that is there.
ifneq ($(origin PYTHON),file)
ASKED := $(VENV)/bin/python$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
REMADE := $(if $(wildcard $(ASKED)),,remade)
endif
READY := $(VENV)/ready

# Bytecode is kept, whatever the caller says: without it each process of the tests compiles all that
# it imports, and rewrites every assertion (10 s of a processor; 23 s while lines are counted).
export PYTHONDONTWRITEBYTECODE :=

# More for the tests: `make test ARGS="tests/unit -k aging"`.
ARGS ?=
# In the order of the folders. By number of tests, as xdist would, the longest file of all comes last:
# it has one test.
# One process more than there are processors: the emulated cloud is waited for much of the time
# (596 s for 706 s, measured on 2 cores).
PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST := $(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

# The stage to package or deploy: dev, staging or prod.
STAGE ?=

.PHONY: help run serve setup test fuzz check cover lint types layers packaged package deploy fmt lock clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: $(READY)  ## Run the main job once, on this machine, over the sample ledger
	@$(BIN)/pastdue run $(ARGS)

serve: $(READY)  ## The same, left running: API, console, outbox
	@$(BIN)/pastdue serve $(ARGS)

setup: $(READY)  ## Make .venv and install into it

test: $(READY)  ## Every test
	@$(PYTEST) $(ARGS)

# A look of some 15 minutes; the tests look for less than one. It tells what each route answered.
FUZZ_EXAMPLES ?= 100

fuzz: $(READY)  ## Ask every route much more than the tests do; FUZZ_EXAMPLES=300 asks longer
	@FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/pytest -p no:xdist --timeout 1800 tests/fuzz $(ARGS)

# The types take one processor; meanwhile the other packages the app, which each process of the
# tests would else do for itself.
check: $(READY)  ## Everything that must pass before a change lands
	@$(MAKE) --no-print-directory -j 2 lint types layers packaged
	@$(PYTEST) $(ARGS)

cover: $(READY)  ## Every test, and which lines of the code no test reaches
	@$(PYTEST) --cov --cov-report=term:skip-covered $(ARGS)

package: $(READY)  ## Make what a stage is deployed from, and check it; STAGE=dev, PYTHON=python3.13
	@$(BIN)/python -m local.deployment package --stage "$(STAGE)" $(ARGS)

# The one target that touches a cloud. Pipelines say CONFIRM=yes.
deploy: $(READY)  ## Deploy a stage to AWS, after showing what changes; STAGE=dev, PYTHON=python3.13
	@$(BIN)/python -m local.deployment deploy --stage "$(STAGE)" $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

layers: $(READY)
	@$(BIN)/lint-imports --no-logo

packaged: $(READY)
	@$(BIN)/python -m local.deployment check

fmt: $(READY)  ## Format, and mend what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The environment is remade when the lock's content changes: a package that left the lock leaves
# it too. The lock is no prerequisite: its time changes with every checkout, its content does not.
# Not compiling what is mostly never imported halves the time (34 s for 71 s, measured on 2 cores).
.PHONY: remade
$(DEPS): $(REMADE)
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
	"Pastdue needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d.\nInstall one of them, or name it: make PYTHON=python3.12 ..." % v)'
	@echo "Installing into $(VENV) (once per lock) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --no-compile --require-hashes --no-deps --requirement $(LOCK)
	@$(BIN)/python -m pip check >/dev/null
	@touch $@

$(READY): $(DEPS) pyproject.toml
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

UV := .venv-lock/bin/uv
COMPILE := $(UV) pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"
UPGRADE ?=

lock:  ## Remake the locks; UPGRADE=--upgrade takes newer releases
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip -qq --disable-pip-version-check install -r requirements/lock.txt
	@$(COMPILE) $(UPGRADE) requirements/dev.in --output-file $(LOCK)
	@$(COMPILE) $(UPGRADE) requirements/runtime.in --constraint $(LOCK) --output-file requirements.txt

clean:  ## Remove what make, the checks and packaging made
	@rm -rf .venv .venv-lock build out .coverage .coverage.* htmlcov coverage.xml *.egg-info \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .chalice/deployments
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
