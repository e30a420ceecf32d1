PYTHON ?= python3
BIN := .venv/bin
# Runs a command with the variables of .env, if there is one, and with our own Python first.
WITH_ENV := export PATH="$(CURDIR)/$(BIN):$$PATH"; [ ! -f .env ] || set -- dotenv run --; "$$@"
COVERAGE := --cov=webhook --cov=schemas --cov=flowkit --cov-fail-under=95 --cov-report=term

.PHONY: run settings test lint check bench campaign screenshots

# With OZMAP_URL or TENANTS_FILE set it is your OZmap, otherwise the sandbox, with keys for trying out.
run: .venv/ready
	@$(WITH_ENV) python -m sandbox.demo

settings: .venv/ready
	@$(WITH_ENV) python -m webhook check

# Four at a time, on two cores too: half of it is waiting. With CI=true no test is skipped for want of a server,
# and the lines that run are counted, which takes a minute more.
test: .venv/ready
	$(BIN)/python -m pytest -n 4 --dist=loadfile --no-loadscope-reorder $(if $(filter true,$(CI)),$(COVERAGE))

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m webhook flows check
	$(BIN)/python -m webhook openapi check

check: lint test

# Needs Chromium (Debian: apt-get install chromium).
screenshots: .venv/ready
	$(BIN)/python -m tests.browser.screenshots

# 25 minutes; the tables go into docs/performance.md. QUICK=1: two, on the terminal alone.
# Needs wrk (Debian: apt-get install wrk).
bench: .venv/ready
	$(BIN)/python -m bench $(if $(QUICK),--quick)

# Thousands of reservations and prospects while OZmap fails and our processes are killed: minutes for each store.
campaign: .venv/ready
	$(BIN)/python -m bench.campaign

# Made anew when a requirements file changes.
.venv/ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
