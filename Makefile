# `make help` lists the targets. PYTHON is the interpreter that .venv is made with (3.11 or newer); one that is there is kept.
# STACK=native or STACK=compose decides how `up` runs; else Docker where an engine answers, and natively where none does.
PYTHON ?= $(or $(wildcard .venv/bin/python),python3)
RUN := .venv/bin/python -m
.DEFAULT_GOAL := help
.PHONY: help setup up fresh demo down ps logs manage doctor trace test lint e2e e2e-docker bench scale drills attack model mutants certificate docs
export STACK
# Where images set it, each of the hundreds of processes of tests and stacks would compile all code anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## This list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## Make .venv with everything in it (quick when nothing changed); all other targets begin with it
	@$(PYTHON) -m tools.setup

up: setup ## Start the whole stack and say what to open
	@$(RUN) tools.run up

fresh: setup ## Delete the data of the stack, after saying what goes, and start it anew
	@$(RUN) tools.run fresh

demo: up ## Start the stack and play a purchase through it, step by step
	@$(RUN) tools.demo

down: setup ## End everything that `up` started; the data stays
	@$(RUN) tools.run down

ps: setup ## List the processes of the stack
	@$(RUN) tools.run ps

logs: setup ## Follow the logs; `make logs s=points` or `s=points-web` for a part
	@$(RUN) tools.run logs $(s)

manage: export S := $(s)
manage: export C := $(c)
manage: setup ## Run a management command of one service; `make manage s=points c="verify_ledger"`
	@$(RUN) tools.manage

doctor: setup ## Check the whole stack: is it up, does every message arrive, do both sides agree; and say what to do
	@$(RUN) tools.doctor

trace: setup ## Print one journey across all services, with times; `make trace id=<X-Request-Id>`
	@$(RUN) tools.trace '$(id)'

ifdef s
test: setup ## Run lint, every test and the journeys; `make test s=points o="-k earn"` is the fast loop of one part
	@$(RUN) tools.run_tests $(s) --options='$(o)'
else
test: setup lint
	@$(RUN) tools.run_tests
	@$(RUN) tools.journeys native
endif

lint: setup ## Check style, types, import rules, the repository's shape and missing migrations
	@$(RUN) tools.lint

e2e: setup ## Run the journeys of tests-e2e/ against the stack that is up
	@$(RUN) tools.e2e $(o)

e2e-docker: setup ## Run the journeys against containers of their own, which go afterwards
	@$(RUN) tools.journeys compose

bench: setup ## Measure the stack beside the limits of the same machine; `make bench o="--only import expiry --rounds 6"`
	@$(RUN) bench $(o)

scale: setup ## Measure every GET and every periodic job with ten times the data beside once; `o=--short` tries it out
	@$(RUN) bench.scale $(o)

drills: setup ## Inject faults under traffic and prove that nothing is lost; `make drills o="--short"`, `o="--seed 123 --only flushall"`
	@$(RUN) tools.drills $(o)

attack: setup ## Attack a stack of its own and say what got through; `make attack o="--short"`, `o="--only minting_by_a_merchant"`
	@$(RUN) tools.attack $(o)

model: setup ## Play the model of the points ledger on a database: 500 runs of 200 steps; `make model o="--runs 2000 --seed 7"`
	@$(RUN) tools.model $(o)

mutants: setup ## Plant bugs in the rules of the points ledger one at a time, and show that the model finds each
	@cd services/points && PYTHONPATH=. ../../$(RUN) tests.model.mutants

certificate: setup ## Make a self-signed certificate for development, and have the gateway speak TLS from its next start on; `o=--anew`
	@$(RUN) tools.certificate $(o)

docs: setup ## Write the generated pages of docs/ again
	@$(RUN) tools.docs
