# Every target sets up all it needs: Python 3.11 or newer, pip and make are enough.
# All paths are relative, so that the repository may lie anywhere.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
ROOMS := config campaigns notices consent customers
BENCHES := import plan render decide email sms letters evidence replay pages crash growth
# A killed make takes what it started along (where util-linux is to be had).
BOUND := $(if $(shell command -v setpriv),setpriv --pdeathsig TERM --)
# Tests and benchmarks have services and data of their own, never the demo's.
EMBEDDED = exec env DULY_HOME=$(1) $(BOUND) $(PY) manage.py run_embedded --

.PHONY: help demo test setup check bench check-with-services bench-with-services

help:
	@echo "make demo    Duly with a made-up company on http://127.0.0.1:8000 (PORT=, RESET=1)"
	@echo "make test    all tests (ARGS= for pytest, REQUIRE_BROWSER=1)"
	@echo "make setup   .venv with the pinned dependencies"
	@echo "make check   linters, types, import contracts, migrations"
	@echo "make bench   all benchmarks, one JSON line each"

setup: $(INSTALLED)

demo: setup
	@exec $(BOUND) $(PY) manage.py up --demo $(if $(filter-out 0,$(RESET)),--reset)

test: setup
	@$(call EMBEDDED,var/test) $(PY) -m pytest -n 2 --dist loadscope \
		--no-loadscope-reorder $(ARGS)

check: setup
	@$(call EMBEDDED,var/test) $(MAKE) --no-print-directory check-with-services

bench: setup
	@$(call EMBEDDED,var/bench) $(MAKE) --no-print-directory bench-with-services

# Debian's Python may come without ensurepip; then the outer pip fills the venv.
$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"Duly needs Python 3.11 or newer; name one with PYTHON=python3.12, say.")'
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear --without-pip $(VENV)
	@echo "Installing the pinned dependencies into $(VENV) ..."
	@pip="$(PY) -m pip"; $$pip --version >/dev/null 2>&1 \
		|| pip="$(PYTHON) -m pip --python $(PY)"; \
	$$pip --disable-pip-version-check install --quiet --require-hashes \
		-r requirements.lock
	@touch $@

check-with-services:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	find templates -name '*.html' -exec $(VENV)/bin/djade --check {} +
	$(PY) manage.py makemigrations --check --dry-run
	@found=$$(find $(ROOMS) -path '*/migrations/*_auto_*.py'); \
	test -z "$$found" || { echo "Give these migrations a name:" $$found >&2; exit 1; }

bench-with-services:
	@$(PY) manage.py migrate --verbosity=0
	@for name in $(BENCHES); do $(PY) manage.py bench $$name --json || exit 1; done
