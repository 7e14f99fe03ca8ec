# `make` lists what there is. Everything runs from the locked environment that `scripts/setup` makes.
.DEFAULT_GOAL := help
.PHONY: help setup demo test acceptance-test slow-test lab-test lab-slow-test lab-up lab-down lab-status molecule check benchmark

BIN := .venv/bin
SUDO := $(if $(filter 0,$(shell id -u)),,sudo --preserve-env=PATH)
LAB := $(SUDO) $(BIN)/python -m lab
NAME ?= lab
MACHINES ?= 6
# Labs side by side in the lab tests: each has networks of its own, and mostly waits.
LABS ?= 6
# The tests of one file share its lab: their order is random, but the same on every machine.
SEED ?= 2965446797
# Tests side by side: a third of their time they wait for a device, a lock or a process to end.
WORKERS ?= $(shell expr $$(nproc) \* 3 / 2)

help:  ## this list
	@sed -En 's/^([a-z-]+):[^#]*## (.*)/\1 \2/p' $(MAKEFILE_LIST) | \
	  while read -r target text; do printf '  make %-15s %s\n' "$$target" "$$text"; done

setup:  ## install Debian packages, uv and the locked Python environment
	@scripts/setup

demo: setup  ## walk through the main job on real machines
	@$(SUDO) scripts/demo

test: setup  ## the everyday tests: unit, integration, repository
	$(BIN)/pytest -n $(WORKERS) -m "not slow and not patient" tests/unit tests/integration tests/repo

acceptance-test: setup  ## the commands as they are typed, without machines
	$(BIN)/pytest -n auto -m "not lab and not patient" tests/acceptance

slow-test: setup  ## every boundary at which a process can die, every size
	$(BIN)/pytest -n auto -m "slow and not lab" tests/unit tests/integration tests/repo tests/acceptance

lab-test: setup  ## the tests on the lab's machines (root)
	$(SUDO) $(BIN)/pytest -n $(LABS) --dist loadfile --randomly-seed $(SEED) --timeout 600 -m "(lab or patient) and not slow" tests/lab tests/acceptance tests/integration

lab-slow-test: setup  ## the rest of the hundred outages (root)
	$(SUDO) $(BIN)/pytest -p no:xdist -m "lab and slow" tests/lab tests/acceptance

lab-up: setup  ## bring up a lab: make lab-up NAME=lab MACHINES=6
	@$(LAB) up --name $(NAME) --machines $(MACHINES)

lab-down:  ## remove it
	@$(LAB) down --name $(NAME)

lab-status:  ## show its machines
	@$(LAB) status --name $(NAME)

molecule: setup  ## the roles' molecule scenarios on lab machines
	@for scenario in roles/*/molecule; do \
	  (cd "$${scenario%/molecule}" && $(SUDO) env PATH="$(CURDIR)/$(BIN):$$PATH" \
	    ANSIBLE_HOME="$(CURDIR)/.cache/molecule" molecule test --all) || exit; done

check: setup  ## ruff, types, ansible-lint, yamllint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/ansible-lint --offline
	$(BIN)/yamllint --strict .

benchmark:  ## measure recording, verification, appending, inventory
	@scripts/setup --group benchmark
	$(BIN)/python -m benchmarks
