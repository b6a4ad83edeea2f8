# The doors of the house. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help init demo run stop test check fix soak bench docs bundle backup restore upgrade

PYTHON ?= python3
PORT ?= 8000
UV := uv==0.13.9
BIN := .venv/bin
# A bundle carries its wheels beside the Makefile; then no package index is asked.
OFFLINE = $(if $(wildcard wheels/FITS),--no-index --find-links wheels)
INCOMPLETE = test -z "$(OFFLINE)" || echo "wheels/ 不完整:sha256sum -c --quiet SHA256SUMS 会列出缺了或坏了的文件。 wheels/ is not complete: sha256sum -c --quiet SHA256SUMS lists what is missing or broken."; exit 1;
LONG = $(shell grep -rl 'mark\.soak' tests --include='test_*.py' | sort)
MESSAGES := $(wildcard src/zugong/web/locale/*/LC_MESSAGES/*.po)
# Where the tools of the developers are installed once, they stay.
LOCK = $(if $(wildcard .venv/dev),requirements-dev.lock,requirements.lock)

help: ## list the doors
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

init: .venv/run ## build the environment: everything a new machine needs

demo: .venv/run ## the site with the invented county 青穆县, at http://127.0.0.1:8000
	@$(BIN)/zugong demo --port $(PORT)

run: .venv/run ## the site of a real county
	@$(BIN)/zugong serve --port $(PORT)

stop: ## stop the site and its database; the data stay
	@test ! -x $(BIN)/zugong || $(BIN)/zugong stop

# Each worker has databases, a site and a browser of its own: a machine with many cores gets no more than eight.
test: check ## every check and every test on all cores, the browser's too; only=tests/unit for a part
	@$(BIN)/pytest -n auto --maxprocesses 8 $(only)

check: .venv/dev ## format, lint, types, contracts, migrations, packs
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > .venv/contracts.txt || { cat .venv/contracts.txt; exit 1; }
	@ZUGONG_HOME=.venv/check $(BIN)/python -W ignore manage.py makemigrations --check --dry-run -v 1
	@$(BIN)/zugong packs check

fix: .venv/dev ## mend what can be mended without thought
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

docs: .venv/dev ## write the reference pages of the manual from the code; pictures=yes takes its pictures too
	@$(BIN)/zugong docs
	@test -z "$(pictures)" || $(BIN)/python docs/images/take.py

soak: .venv/soak ## the long tests whole, of which `make test` runs a sample; kept in docs/soak; only=tests/soak/test_kill.py for one
	@mkdir -p docs/soak; broken=0; for long in $(or $(only),$(LONG)); do \
		kept=docs/soak/$$(basename $$long .py | sed s/^test_//).txt; \
		git log -1 --format='%h %cs' > $$kept; \
		$(BIN)/pytest -m soak --soak -rA --color=no $$long >> $$kept || broken=1; \
		tail -n 1 $$kept; done; exit $$broken

bench: .venv/dev ## the benchmarks, each beside its baseline; only=pages for one
	@$(BIN)/python -m bench $(only)

bundle: .venv/run ## write a folder that installs without a network; platform=aarch64, python=3.11,3.13 for other machines
	@$(BIN)/zugong bundle $(if $(platform),--platform $(platform)) $(if $(python),--python $(python))

backup: .venv/run ## write one file that holds everything
	@$(BIN)/zugong backup

restore: .venv/run ## make restore FILE=var/backups/….tar: put a backup back, tried before it counts
	@$(BIN)/zugong restore $(FILE)

upgrade: .venv/run ## after fetching a new version: back up, then bring the data up to it
	@$(BIN)/zugong upgrade

# --- The environment ------------------------------------------------------------

.venv/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "缺少 Python 3.11 以上。 Python 3.11 or later is missing."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 太旧,需要 3.11 以上: make PYTHON=python3.12。 Python is too old; 3.11 or later is needed."; exit 1; }
	@test ! -e wheels/FITS || grep -qxF "$$($(PYTHON) -c 'import platform, sys; print(platform.machine(), "%d.%d" % sys.version_info[:2])')" wheels/FITS || { echo "这个安装包适用于 $$(paste -sd, wheels/FITS),不适用于这台机器和它的 Python。 This bundle fits $$(paste -sd, wheels/FITS), not this machine and its Python."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "缺少 venv:请安装 python3-venv。 Python's venv is missing: install python3-venv."; exit 1; }
	@$(BIN)/python -m pip install --disable-pip-version-check -q $(OFFLINE) $(UV) || { $(INCOMPLETE) }

.venv/run: requirements.lock pyproject.toml .venv/bin/uv $(MESSAGES)
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync $(OFFLINE) --require-hashes $(LOCK) || { $(INCOMPLETE) }
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q $(OFFLINE) --no-deps --editable .
	@test -z "$(MESSAGES)" || $(BIN)/pybabel -q compile -D django -d src/zugong/web/locale
	@touch $@

.venv/soak: requirements-soak.lock .venv/dev
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r requirements-soak.lock
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync --require-hashes requirements-dev.lock || { test -z "$(OFFLINE)" || echo "开发工具不在安装包里,要联网。 The developers' tools are not in the bundle; they need a network."; exit 1; }
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --no-deps --editable .
	@touch $@
