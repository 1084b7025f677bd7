# Every target is a thin call; the logic is in Python.
SHELL := /bin/bash
PYTHON := $(firstword $(foreach v,3.13 3.12 3.11 3.14 3,$(shell python$(v) -c 'import sys; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null)) python3)
BIN := .venv/bin
RUN := $(BIN)/python -m after202
COMPILE := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
PROFILE ?= quick
STRATEGY ?= background_tasks
CHECK ?= all
ARGS ?=
COMMA := ,
ONLY := $(if $(STRATEGIES),--strategy $(STRATEGIES))
.DEFAULT_GOAL := help
.PHONY: help setup bench smoke plan up down logs ps load-ui validate doctor report check guarantees strategies reference claims questions test test-fast test-strategies test-compose test-browser attack coverage docs wheel lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

.venv/bench: requirements/bench.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "after202 needs Python 3.11 or newer: install one, or make PYTHON=/path/to/it")'
	@echo "Setting up .venv (a minute or two, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev: requirements/dev.txt .venv/bench
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

setup: .venv/bench ## make .venv, as every other target does when it is missing

bench: .venv/bench ## measure and report (PROFILE=quick STRATEGIES=core,arq_queue)
	@$(RUN) run $(PROFILE) $(ONLY) $(ARGS)

smoke: .venv/bench ## run each strategy once, account for every job (STRATEGIES=all)
	@$(RUN) run smoke $(ONLY) $(ARGS)
	@$(RUN) check latest --jobs-only

plan: .venv/bench ## list the trials of PROFILE and its duration
	@$(RUN) plan $(PROFILE) $(ONLY) $(ARGS)

up: .venv/bench ## start the stack in containers (STRATEGIES=core,arq_queue: that part)
	@$(RUN) up $(ONLY) $(ARGS)

down: ## stop the containers and remove their data
	@docker compose --profile '*' down --volumes --remove-orphans

logs: ## show the containers' logs (ARGS=a service)
	@docker compose logs --tail 100 $(ARGS)

ps: ## list the running containers
	@docker compose ps

load-ui: .venv/bench ## open Locust's web page for STRATEGY=background_tasks
	@$(RUN) load-ui $(STRATEGY) $(ARGS)

validate: .venv/bench ## test the harness against known answers (20 min)
	@$(RUN) validate $(CHECK)

doctor: .venv/bench ## say whether this machine is fit to measure
	@$(RUN) doctor

report: .venv/bench ## write the newest run's report again
	@$(RUN) report latest

guarantees: .venv/dev ## make the tables of docs/guarantees.md from NAME=latest, check its claims
	@$(BIN)/python -m tests.guarantees $(or $(NAME),latest)

strategies: .venv/dev ## write the pages of docs/strategies (NAME=a run of all of them)
	@$(BIN)/python -m tests.strategies $(NAME)

claims: .venv/bench ## put what people say to the test (CLAIM=19 FASTAPI=0.105,0.110; 5 min)
	@$(RUN) run claims $(if $(CLAIM),--claim $(CLAIM)) $(foreach v,$(subst $(COMMA), ,$(FASTAPI)),--also fastapi==$(v)) $(ARGS)

questions: .venv/dev ## write the pages of docs/questions (NAME=latest: from that session)
	@$(BIN)/python -m tests.questions $(NAME)

reference: .venv/dev ## measure the reference run again, write the README's finding (1 h)
	@$(RUN) run faults
	@$(BIN)/python -m tests.reference latest

test: .venv/dev ## run all tests, on real services (40 min)
ifeq ($(strip $(ARGS)),)
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m 'not (alone or attack or browser or compose or strategies)'; beside=$$?; \
	$(BIN)/python -m pytest -m alone && exit $$beside
else
	@$(BIN)/python -m pytest $(ARGS)
endif

test-fast: .venv/dev ## run the tests that start no process (3 min)
	@$(BIN)/python -m pytest -n 2 -m fast $(ARGS)

test-strategies: .venv/dev ## check every strategy against its contract (3 min each)
	@$(BIN)/python -m pytest -m strategies $(ARGS)

test-compose: .venv/dev ## test the stack in containers (needs Docker)
	@$(BIN)/python -m pytest -m compose $(ARGS)

test-browser: .venv/dev ## look at the pages in a browser (needs Chromium; 1 min)
	@$(BIN)/python -m pytest -m browser $(ARGS)

attack: .venv/dev ## attack the bench as a stranger, a bad disk and kill -9 would (12 min)
	@$(BIN)/python -m pytest -m attack -k many_jobs & jobs=$$!; \
	$(BIN)/python -m pytest -m attack -k 'kills or strangers or two_runs' & runs=$$!; \
	$(BIN)/python -m pytest -m attack -k 'not (many_jobs or kills or strangers or two_runs)'; rest=$$?; \
	wait $$jobs && wait $$runs && exit $$rest

coverage: .venv/dev ## print which lines the fast tests reach (1.5 min)
	@$(BIN)/python -m coverage run -m pytest -m fast $(ARGS)
	@$(BIN)/python -m coverage report

check: .venv/dev ## check format, lint, spelling, types and import rules
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/codespell
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.venv/docs: requirements/docs.txt .venv/bench
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

docs: .venv/docs ## build the documentation as a site in dist/docs, and check its links
	@NO_MKDOCS_2_WARNING=true $(BIN)/python -m mkdocs build --clean
	@echo "Open dist/docs/index.html, or, for the search, python3 -m http.server -b 127.0.0.1 -d dist/docs"

wheel: .venv/dev ## build dist/after202-*.whl
	@$(BIN)/python -m hatchling build -t wheel

lock: .venv/dev ## pin the requirements again, with hashes (needs uv)
	$(COMPILE) --group app -o requirements/app.txt
	$(COMPILE) --group core -c requirements/app.txt -o requirements/core.txt
	$(COMPILE) pyproject.toml -c requirements/app.txt -o requirements/bench.txt
	$(COMPILE) pyproject.toml --group dev -c requirements/bench.txt -o requirements/dev.txt
	$(COMPILE) --group mail -c requirements/bench.txt -o requirements/mail.txt
	$(COMPILE) --group tools -c requirements/app.txt -o requirements/tools.txt
	$(COMPILE) --group docs -c requirements/dev.txt -o requirements/docs.txt
	@for one in requirements/strategies/*.in; do \
	  echo "$$one"; $(COMPILE) --group core $$one -c requirements/core.txt -o $${one%.in}.txt || exit; \
	done

clean: ## remove .venv and caches; results stay
	rm -rf .venv dist .coverage .mypy_cache .ruff_cache .hypothesis .import_linter_cache
