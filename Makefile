# make run: set up and serve, ready for a practice call.   make test: set up and pass every check.
PYTHON ?= python3.11
PY := .venv/bin/python
STAMP := .venv/.installed-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)

# Compiled modules are kept, whatever the environment says: else each of the many processes compiles them all again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run test faults lint format bench bench-log bench-doors screenshots clean

setup: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt
	test -x $(PY) || $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(PY) -m pip check --disable-pip-version-check
	rm -f .venv/.installed-*
	touch $(STAMP)

# Both processes of a host; when one ends, or on Ctrl-C, the other is stopped too.
run: setup
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m honcho start --port "$${PORT:-8000}"

lint: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# Tests wait for much of their time: four processes keep two cores busy. tests/conftest.py says which files begin.
test: lint
	$(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# At most ten minutes and at least 20,000 calls: processes killed, the database stopped, frozen, locked and read without end,
# disks full, clocks set; then every event is looked for. Then some twenty minutes: the database's file damaged and copied 30
# times, 500 publishes and rollbacks while two hosts answer calls, and 10,000 letters through real servers.
faults: setup
	timeout 600 $(PY) -m tests.faults.audit
	IVR_IMAGES=30 timeout 600 $(PY) -m pytest -n 0 -rP tests/faults/test_database_file.py
	IVR_STORM=500 timeout 900 $(PY) -m pytest -n 0 -rP tests/faults/test_publish_storm.py
	IVR_LETTERS=10000 timeout 1800 $(PY) -m pytest -n 0 -rP tests/notices/test_many_letters.py

format: setup
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	$(PY) -m tests.bench

# Ten million calls on each engine: takes long and needs much disk. Fewer: python -m tests.bench_log --calls 100000
bench-log: setup
	$(PY) -m tests.bench_log --write

# Some twenty minutes: calls at a steady rate while twenty people and an export are at the console.
bench-doors: setup
	$(PY) -m tests.bench_doors --write

# Every page of the console, light, dark and on a phone, into screenshots/ (needs Chromium).
screenshots: setup
	$(PY) -m tests.console.look screenshots

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
