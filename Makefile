# Every target is a thin call; what there is to know stands in Python.
SHELL := /bin/bash
PYTHON := $(firstword $(foreach v,3.13 3.12 3.11 3.14 3,$(shell python$(v) -c 'import sys; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null)) python3)
BIN := .venv/bin
RUN := $(BIN)/python -m after202
COMPILE := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
PROFILE ?= quick
STRATEGY ?= background_tasks
CHECK ?= all
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help setup bench smoke plan up down logs ps load-ui validate doctor report check test test-compose lock clean

help: ## show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/bench: requirements/bench.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "after202 needs Python 3.11 or newer: install one, or make PYTHON=/path/to/it")'
	@echo "Setting up .venv (a minute or two, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev: requirements/dev.txt .venv/bench
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

setup: .venv/bench ## make .venv, which the other targets do by themselves

bench: .venv/bench ## measure the strategies and write the report (PROFILE=quick, ARGS=...)
	@$(RUN) run $(PROFILE) $(ARGS)

smoke: .venv/bench ## every strategy once, a minute: is every job accounted for?
	@$(RUN) run smoke $(ARGS)
	@$(RUN) check latest --jobs-only

plan: .venv/bench ## what PROFILE measures and how long it takes
	@$(RUN) plan $(PROFILE) $(ARGS)

up: .venv/bench ## the stack in containers, ready when jobs go all the way through
	@$(RUN) up

down: ## end the stack, and what it kept
	@docker compose --profile '*' down --volumes --remove-orphans

logs: ## what the stack says (ARGS=a service)
	@docker compose logs --tail 100 $(ARGS)

ps: ## what is up of the stack
	@docker compose ps

load-ui: .venv/bench ## Locust's web page in front of STRATEGY=background_tasks
	@$(RUN) load-ui $(STRATEGY) $(ARGS)

validate: .venv/bench ## the harness against known answers, some 20 minutes (CHECK=all)
	@$(RUN) validate $(CHECK)

doctor: .venv/bench ## is this machine fit to measure?
	@$(RUN) doctor

report: .venv/bench ## write the newest run's report again
	@$(RUN) report latest

test: .venv/dev ## the tests
	@$(BIN)/python -m pytest $(ARGS)

test-compose: .venv/dev ## the stack in containers: build, up, run, faults, down (needs Docker)
	@$(BIN)/python -m pytest -m compose $(ARGS)

check: .venv/dev ## format, lint, types, import rules
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

lock: .venv/dev ## pin the requirements again, with hashes (needs uv)
	$(COMPILE) -o requirements/app.txt
	$(COMPILE) --extra bench -c requirements/app.txt -o requirements/bench.txt
	$(COMPILE) --extra bench --extra dev -c requirements/bench.txt -o requirements/dev.txt
	$(COMPILE) --extra mail -c requirements/bench.txt -o requirements/mail.txt
	$(COMPILE) --extra tools -c requirements/app.txt -o requirements/tools.txt

clean: ## remove .venv and caches; results stay
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache
