# Every target sets up what it needs: python3 (3.11 or newer), its venv and make are enough.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check verify trust bench docs schema lock clean

.venv/ready: pyproject.toml requirements.lock
	@echo "setting up .venv (once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/ready            ## the main job: the real line, thirty days, its table and its map
	@$(BIN)/truceline run scenarios/ukraine.yaml
	@$(BIN)/truceline plot scenarios/ukraine.yaml wait_map

test: .venv/ready            ## the tests
	@$(BIN)/python -m pytest

check: .venv/ready           ## format, lint, types, arrows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

verify: .venv/ready          ## statistics against theory, slower
	@$(BIN)/python -m verification.theory

trust: .venv/ready           ## faults and fuzzing
	@$(BIN)/python -m verification.faults

# The opponents' own environment, twice a simulator's size; without a network their rows are told as not measured.
.bench-venv/ready:
	@echo "setting up .bench-venv (once)"
	@$(PYTHON) -m venv .bench-venv
	@.bench-venv/bin/pip install --quiet --disable-pip-version-check numba "tatc==3.6.*" && touch $@ \
	  || echo "numba and tatc could not be installed; the opponents that need them are left out"

bench: .venv/ready .bench-venv/ready   ## speed, as ratios
	@$(BIN)/python -m benchmarks.speed

docs: .venv/ready schema     ## the JSON Schema, and all kinds as JSON, written from the code
	@$(BIN)/truceline kinds --json > docs/kinds.json

schema: .venv/ready          ## the JSON Schema that editors use
	@$(BIN)/python -c "import json, pathlib, sim.authoring as a; pathlib.Path('sim/data/scenario.schema.json').write_text(json.dumps(a.schema(), ensure_ascii=False, separators=(',', ':')) + '\n', encoding='utf-8')"

lock:                        ## write requirements.lock anew from pyproject.toml
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/pip install --quiet --upgrade ".[dev]" hatchling editables
	@.venv-lock/bin/pip freeze --exclude truceline > requirements.lock
	@rm -rf .venv-lock

clean:                       ## remove what was built, keep results
	@rm -rf .venv .bench-venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
