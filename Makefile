# The one task runner: `make` alone prints the targets. Works with GNU make 3.81 (macOS) and later.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=

BIN := .venv/bin
RUN := $(BIN)/python -m
INSTALL := PYTHON="$(PYTHON)" sh .ci/install

# The tests start hundreds of processes, and one that must compile everything it imports takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check format audit attack lock bench bench-large bench-statistics crash soak screenshots clean install-dev browser

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

run:  ## install, migrate, import the sample if there is no data yet, and serve (PORT, HOST, ARGS)
	@$(INSTALL) requirements.txt
	@$(RUN) app import sample --if-empty
	@$(RUN) app serve --host $(HOST) --port $(PORT) $(ARGS)

test: check browser  ## install, check, and run every test but the slow ones of `make crash` and `make soak` (ARGS go to pytest)
	@$(RUN) pytest --numprocesses 2 --dist worksteal --cov --cov-report=term-missing $(ARGS)

check: install-dev  ## formatting, lint, types, who may import whom, and what bandit finds at medium and above
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted; make format does it." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(RUN) mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/bandit --quiet --recursive --severity-level medium app 2>/dev/null  # it warns of what is marked as looked at

format: install-dev  ## format the code, and put right what the linter can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

audit: install-dev  ## hold the pinned dependencies against known vulnerabilities (skipped loudly without a network)
	@$(BIN)/python .ci/audit

ATTACK := build/attack

attack: install-dev  ## Schemathesis, wapiti and sqlmap against a throwaway team, as each role (half an hour; not in CI)
	@test -x $(ATTACK)/bin/sqlmap || { $(PYTHON) -m venv $(ATTACK) && $(ATTACK)/bin/pip install --quiet wapiti3 sqlmap; }
	@$(RUN) tests.attack --tools $(ATTACK)/bin --reports $(ATTACK)/reports $(ARGS)

crash: install-dev  ## the slow tests that kill processes at random moments
	@$(RUN) pytest -m crash $(ARGS)

soak: install-dev  ## 50 reviewers on 10 entries for 2 minutes, and again with kills (SOAK_PEOPLE, SOAK_ENTRIES, SOAK_SECONDS)
	@$(RUN) pytest -m soak -s $(ARGS)

bench: install-dev browser  ## measure the budgets over 83,400 generated entries
	@$(RUN) tests.bench $(ARGS)

bench-large: install-dev browser  ## measure them over 8.34 million: an hour, 50 GB (ARGS='--data DIR' keeps the database)
	@$(RUN) tests.bench --rows 8340000 --quick $(ARGS)

bench-statistics: install-dev  ## how often the intervals of an estimated error rate hold the true one, by design (2 minutes)
	@$(RUN) tests.bench.statistics $(ARGS)

screenshots: install-dev browser  ## take the pictures of the README anew
	@$(RUN) tests.browser.screenshots

LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

lock:  ## pin the dependencies of pyproject.toml with their hashes (needs uv; ARGS=--upgrade for newer ones)
	@command -v uv >/dev/null || { echo "make lock needs uv; pip install uv brings it." >&2; exit 1; }
	$(LOCK) --group build --output-file requirements.txt $(ARGS)
	$(LOCK) --group dev --output-file requirements-dev.txt $(ARGS)

clean:  ## remove the virtual environment and what tools left behind; your data stays
	rm -rf .venv build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find app migrations tests -type d -name __pycache__ -prune -exec rm -rf {} +

install-dev:
	@$(INSTALL) requirements-dev.txt

browser:
	@sh .ci/browser
