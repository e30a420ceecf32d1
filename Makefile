PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint check

# The key file of a newcomer's install: made anew when a requirements file changes.
.venv/ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# With OZMAP_URL set (in the environment or in .env) it is that OZmap, otherwise the sandbox with demo keys.
run: .venv/ready
	@set -a; [ ! -f .env ] || . ./.env; set +a; export PATH="$(CURDIR)/$(BIN):$$PATH"; \
	if [ -n "$$OZMAP_URL" ] || [ -n "$$TENANTS_FILE" ]; then exec honcho start --no-prefix -e /dev/null -f Procfile; fi; \
	export OZMAP_URL=http://127.0.0.1:9994 OZMAP_TOKEN=sandbox-demo-key; \
	export HUGGY_KEY=demo-huggy FIVEHUB_KEY=demo-5hub; \
	python -m sandbox.demo; \
	exec honcho start -e /dev/null -f Procfile.dev

test: .venv/ready
	$(BIN)/python -m pytest --cov --cov-fail-under=95 --cov-report=term

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test
