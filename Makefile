# The two commands that matter: make ask Q="..." and make test.
PYTHON ?= python3
BIN := .venv/bin
Q ?= who led the Russian delegation?
SOURCES := bot index prompts eval

.PHONY: setup ask test check bench evaluate recordings lock clean

setup: .venv/.ready

# The stamp depends on the lock, so a changed lock installs again and nothing else does.
.venv/.ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Dateline needs Python 3.11 or newer; found " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@# Without byte-code every start costs twice as much; pip would compile on one processor.
	@# A third of all source text is kubernetes, which chromadb asks for and never loads here.
	@$(BIN)/python -m compileall -q -j 0 -x /kubernetes/ .venv/lib $(SOURCES) >/dev/null || true
	@touch $@

ask: setup
	@# 3 says that the archive does not tell, 4 that it tells several things: answers both.
	@$(BIN)/dateline ask --sample -- "$(Q)" || { code=$$?; [ $$code -eq 3 ] || [ $$code -eq 4 ] || exit $$code; }

test: setup
	$(BIN)/python -m pytest -n auto --dist worksteal

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m eval.bench

# What CI's evaluation runs: the verdict's exit code is 0 pass, 6 regression, 7 not comparable.
evaluate: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" EVAL_SET=eval/sets/samples.jsonl EVAL_NOW=2026-11-01 EVAL_OUT=build/evaluation \
	  bash .github/actions/evaluate/evaluate.sh

# After a change of prompts, retrieval or checking; see tests/record_scripted.py.
recordings: setup
	$(BIN)/python tests/record_scripted.py

# Both files are made here and nowhere else; UV is any `uv` of 0.9 or newer.
UV ?= uv
lock:
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
