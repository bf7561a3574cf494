# Two commands: `make ingest` (set up, then read the bundled reports) and `make test`.
PYTHON ?= python3
INPUT ?= fixtures/reports
OUT ?= out
BIN := .venv/bin
# Bytecode is made of what is imported, when it is first imported: most of what the packages hold never is.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --no-compile --no-deps
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup dev ingest reprocess status review lint check test suite golden bench fixtures lock clean

setup: .venv/.run-ready

dev: .venv/.dev-ready

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run-ready: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --editable .
	touch $@

# It holds all that the other lock holds: one run of pip for both.
.venv/.dev-ready: requirements-dev.lock requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-build-isolation --editable .
	touch .venv/.run-ready $@

ingest: setup
	$(BIN)/gouji ingest "$(INPUT)" --out "$(OUT)" $(ARGS)

# Reads once more what failed, or what ARGS chooses: `make reprocess ARGS="--status review"`.
reprocess: setup
	$(BIN)/gouji reprocess --out "$(OUT)" $(ARGS)

status: setup
	$(BIN)/gouji status --out "$(OUT)"

# Doubtful cells beside their source, in a browser: `make review OUT=out`.
review: setup
	$(BIN)/gouji review --out "$(OUT)" $(ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy --strict pipeline

check: lint
	$(BIN)/python -m pytest tests/test_layers.py

# Beside one another: tests wait for clocks and processes now and then.
test: dev
	$(MAKE) --no-print-directory --jobs 2 lint suite

suite: dev
	$(BIN)/python -m pytest -n 2 --dist worksteal

golden: dev
	GOUJI_WRITE_GOLDEN=1 $(BIN)/python -m pytest tests/test_golden.py

bench: dev
	$(BIN)/python -m bench

fixtures: dev
	$(BIN)/python fixtures/make.py

# Needs `uv` on the PATH. No index host is written into the locks.
lock:
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv out build *.egg-info
