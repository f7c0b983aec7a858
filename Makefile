# `make run` and `make test` are all that a newcomer needs; the rest is for daily work.
.DEFAULT_GOAL := help
.PHONY: help run test test-e2e-pg setup dev check bench torture lock format

PY := .venv/bin/python
HOST ?= 127.0.0.1
PORT ?= 8000

# Each test starts `heli` many times over: compiled once, it starts in half the time.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/compiled

help:
	@echo "make run      serve Heli at http://$(HOST):$(PORT) (installs, builds, migrates, loads the demo company once)"
	@echo "make test     install what the tests need and run them all"
	@echo "make test-e2e-pg   the whole end-to-end suite on PostgreSQL (make test runs a handful of it there)"
	@echo "make setup    the environment only"
	@echo "make dev      serve with hot reload at http://127.0.0.1:5173"
	@echo "make check    lint, types and import contracts (fast)"
	@echo "make bench    measurements      make torture  long tests"
	@echo "make format   tidy the code            make lock     resolve the dependencies anew"

run:
	@tools/setup run
	@$(PY) tools/web.py build
	@exec $(PY) -m heli serve --worker --demo --host $(HOST) --port $(PORT)

setup:
	@tools/setup dev
	@$(PY) tools/web.py install

dev: setup
	@exec $(PY) tools/dev.py

check: setup
	@$(PY) tools/check.py

test:
	@tools/setup dev
	@exec $(PY) tools/test.py

test-e2e-pg: setup
	@$(PY) tools/test.py e2e-pg

bench: setup
	@$(PY) tools/test.py bench

torture: setup
	@$(PY) tools/test.py torture

format: setup
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet .

lock:
	@tools/setup dev
	@tools/lock $(ARGS)
	@$(PY) tools/web.py npm install --package-lock-only
	@tools/setup dev
