# Needs python3 (3.11 or later), make and git; everything else is set up here, once.
PYTHON ?= python3
VENV ?= .venv
# The two majors of openai speak through different HTTP clients (httpx2 and httpx) and cannot
# share an environment; everything but the SDK scenarios runs in the first one only.
VENV_OPENAI2 ?= .venv-openai2
# Other plugins, beside which ours is tested, and pytest 8.
VENV_NEIGHBOURS ?= .venv-neighbours
# Other tools, beside which ours is measured.
VENV_BENCH ?= .venv-bench
# What installs into the others.
VENV_TOOLS ?= .venv-tools
# One more than a small machine has cores: some tests wait for time to pass.
JOBS ?= 3
# What is tested with openai 2 as well.
SDK_TESTS := tests/sdk tests/capture/test_transports_sdks.py
OTHER_PYTHONS ?= 3.12 3.13

BIN := $(VENV)/bin
WITH_SERVER := '.[server,postgres,queue]'

ENVIRONMENTS := $(VENV)/.ready $(VENV_OPENAI2)/.ready $(VENV_NEIGHBOURS)/pytest8/.ready

.PHONY: help demo environments test test-openai3 test-openai2 test-all fuzz check bench clean

help:
	@echo "make demo      record, replay, swap the model, show the diff: offline"
	@echo "make test      all tests, with openai 3 and openai 2"
	@echo "make test-all  the same on Python 3.12 and 3.13, where present"
	@echo "make fuzz      ask the server thousands of things that nobody thought of"
	@echo "make check     format, lint, types, layers"
	@echo "make bench     measure beside others, write benchmarks/README.md; wants an idle machine"
	@echo "make clean     remove the environments"

demo: $(VENV)/.ready
	@$(BIN)/python examples/demo.py

environments: $(ENVIRONMENTS)

test: test-openai3 test-openai2

test-openai3: $(VENV)/.ready $(VENV_NEIGHBOURS)/pytest8/.ready
	OPSWALD_NEIGHBOURS=$(VENV_NEIGHBOURS)/bin/python $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

test-openai2: $(VENV_OPENAI2)/.ready
	$(VENV_OPENAI2)/bin/python -m pytest -n $(JOBS) --dist worksteal $(SDK_TESTS)

test-all: test $(OTHER_PYTHONS:%=test-on-%)

test-on-%:
	@if python$* -c '' 2>/dev/null; then \
	  $(MAKE) test PYTHON=python$* VENV=.venv-$* VENV_OPENAI2=.venv-$*-openai2 \
	    VENV_NEIGHBOURS=.venv-$*-neighbours \
	  && echo "Tested on Python $*."; \
	else \
	  echo "NOT tested on Python $*: there is no working python$* here."; \
	fi

fuzz: $(VENV)/.ready
	$(BIN)/python -m tests.server.fuzzing

check: $(VENV)/.ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV_BENCH)/.ready
	$(VENV_BENCH)/bin/python -m benchmarks

clean:
	rm -rf .venv*/

$(VENV)/.ready: pyproject.toml constraints/dev.txt constraints/openai3.txt $(VENV_TOOLS)/.ready
	$(call set-up,$(VENV),$(WITH_SERVER),dev,constraints/openai3.txt)

$(VENV_OPENAI2)/.ready: pyproject.toml constraints/dev.txt constraints/openai2.txt $(VENV_TOOLS)/.ready
	$(call set-up,$(VENV_OPENAI2),.,sdk-openai2,constraints/openai2.txt)

$(VENV_NEIGHBOURS)/.ready: pyproject.toml constraints/neighbours.txt $(VENV_TOOLS)/.ready
	$(call set-up,$(VENV_NEIGHBOURS),.,neighbours,constraints/neighbours.txt)

# Not installed, but laid beside: first on the path it takes the place of the other.
$(VENV_NEIGHBOURS)/pytest8/.ready: $(VENV_NEIGHBOURS)/.ready constraints/pytest8.txt
	@$(call install,$(VENV_NEIGHBOURS),--no-deps --target $(@D) --requirement constraints/pytest8.txt)
	@touch $@

$(VENV_BENCH)/.ready: pyproject.toml constraints/bench.txt $(VENV_TOOLS)/.ready
	@echo "Setting up $(VENV_BENCH) ..."
	@$(PYTHON) -m venv --clear --without-pip $(VENV_BENCH)
	@$(call install,$(VENV_BENCH),--editable '.[server]' --requirement constraints/bench.txt)
	@touch $@

$(VENV_TOOLS)/.ready: constraints/tools.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("pytest-opswald needs Python 3.11 or later: make PYTHON=python3.12")'
	@$(PYTHON) -m venv --clear $(VENV_TOOLS)
	@$(VENV_TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
	  --requirement constraints/tools.txt
	@touch $@

# set-up: environment, what of ours, dependency group, constraints.
define set-up
	@echo "Setting up $(1) ..."
	@$(PYTHON) -m venv --clear --without-pip $(1)
	@$(call install,$(1),--editable $(2) --group $(3) --constraint $(4))
	@touch $@
endef

# install: environment, what. uv takes seconds where pip takes half a minute, and pip finds what uv
# does not: a mirror that only the configuration of pip names.
install = $(VENV_TOOLS)/bin/uv pip install --quiet --python $(1)/bin/python $(2) \
  || $(VENV_TOOLS)/bin/python -m pip --python $(1)/bin/python install --quiet $(2)
