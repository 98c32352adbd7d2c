# The commands of the README. Every step is done once and again only when what it is made from has changed.

PORT ?= 8000
# `make test TESTS="tests/test_errors.py -x"` runs fewer tests.
TESTS ?= -n 2 tests
# Thousands of throwaway databases, each of which waits for its disk: in memory, where the system offers that.
SCRATCH := $(if $(wildcard /dev/shm/.),/dev/shm,/tmp)

BIN := .venv/bin
BENCHES := $(patsubst bench/%.py,bench.%,$(filter-out bench/engines.py,$(wildcard bench/*.py)))
RELIABILITY = $(basename $(notdir $(shell grep -l __main__ bench/reliability/*.py)))
STYLE := $(wildcard screening/static/src/*)

# What each step leaves behind. They go when their folder goes, so nothing is thought done that is not there.
VENV := .venv/.installed
NODE := node_modules/.installed
BENCH := .venv/.bench-installed
ASSETS := screening/static/build/app.css
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard screening/translations/*/LC_MESSAGES/messages.po))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Each step prepares the ground for the next, and most keep both cores busy by themselves.
.NOTPARALLEL:

.PHONY: help
help:
	@echo "make run     install what is missing, then serve a demo clinic on http://127.0.0.1:$(PORT)"
	@echo "make test    install what tests need, then run every check and test"
	@echo "make check   ruff, mypy and import-linter alone"
	@echo "make bench   measure; make bench-pdf measures the printed summary alone"
	@echo "make bench-reliability   see what holds when things break: docs/reliability.md"
	@echo "make translations   bring the catalogues up to date with what pages say"

.PHONY: run
run: export SCREENING_MODE := demo
run: system-run $(VENV) $(ASSETS) $(CATALOGUES)
	@notes=$$(PYTHONPATH=. $(BIN)/python .ci/prepare_demo.py $(PORT)) && $(BIN)/python .ci/serve.py $(PORT) "$$notes"

.PHONY: test
test: system-test $(VENV) $(ASSETS) $(CATALOGUES) check
	TMPDIR=$(SCRATCH) $(BIN)/pytest $(TESTS)

.PHONY: check
check: $(VENV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: bench
bench: $(VENV) $(ASSETS) $(CATALOGUES)
	@for each in $(BENCHES); do echo "== $$each"; $(BIN)/python -m $$each || exit 1; done

.PHONY: catalogues
catalogues: $(VENV) $(CATALOGUES)

# New words come in without a translation, and words that no page says any more go. The tests ask for every one.
.PHONY: translations
translations: $(VENV)
	$(BIN)/pybabel -q extract -F pyproject.toml -k _l --no-location --no-wrap -o $(SCRATCH)/messages.pot .
	$(BIN)/pybabel -q update -i $(SCRATCH)/messages.pot -d screening/translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap

.PHONY: bench-pdf
bench-pdf: system-test $(VENV) $(BENCH)
	$(BIN)/python -m bench.pdf

# Hours, on a quiet machine. One of them: python -m bench.reliability.NAME --times N --database sqlite
.PHONY: bench-reliability
bench-reliability: system-test $(VENV) $(ASSETS) $(CATALOGUES)
	@for each in $(RELIABILITY); do echo "== $$each"; $(BIN)/python -m bench.reliability.$$each || failed="$$failed $$each"; done; \
		test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

.PHONY: system-run system-test
system-run:
	@.ci/system-packages run
system-test:
	@.ci/system-packages test

$(VENV): requirements.txt
	python=$$(.ci/python) && "$$python" -m venv .venv
	@# Half of the time would go to compiling modules that nobody imports; the others are compiled at their first import.
	$(BIN)/python -m pip install --quiet --no-compile --requirement requirements.txt
	@touch $@

$(BENCH): bench/requirements.txt $(VENV)
	$(BIN)/python -m pip install --quiet --requirement bench/requirements.txt
	@touch $@

$(NODE): package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(ASSETS): $(NODE) $(STYLE)
	@mkdir -p screening/static/build
	npm run --silent build
	@touch $@

%.mo: %.po
	$(BIN)/pybabel -q compile -i $< -o $@
