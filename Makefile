# make run: start Postrider; make install: only make it ready; make test: the tests; make check: style, types and the
# import rule.
PYTHON ?= python3
BIN := .venv/bin
BABEL := $(BIN)/python -m babel.messages.frontend -q

.PHONY: run install test check format texts lock clean

run: .venv/installed
	$(BIN)/python app.py run

install: .venv/installed

test: .venv/installed-dev
	$(BIN)/python -m pytest -n auto

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Finds every text of the code and the templates, and adds the new ones to the catalogues to be translated.
texts: .venv/installed-dev
	$(BABEL) extract -w 120 -F babel.cfg --omit-header --add-location=file --sort-output -o bot/locales/postrider.pot .
	for language in es fr; do $(BABEL) update -i bot/locales/postrider.pot -d bot/locales -D postrider -l $$language --init-missing --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 120 || exit 1; done

lock: .venv/installed-dev
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, for example: make PYTHON=python3.11 $(MAKECMDGOALS)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/installed: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf .venv
