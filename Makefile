# Wangge: two commands do it all. `make demo` serves the sample district; `make test` checks everything.
PORT ?= 8000
VENV ?= .venv
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest
WORKERS ?= 2

.PHONY: help demo test lint test-real test-long install install-test debian bench bundle lock docs clean

help:
	@echo "make demo       install into $(VENV), load the sample district, serve http://127.0.0.1:$(PORT)"
	@echo "make test       install what tests need and run lint, types, contracts and tests"
	@echo "make test-real  the large real sets in ../shared/data"
	@echo "make test-long  kill and load loops"
	@echo "make bench      every figure of benchmarks/, peers in the same run"
	@echo "make bundle     wheels and assets for a machine without any network"

demo: install
	@$(BIN)/wangge demo --port $(PORT)

install: $(VENV)/.wangge

install-test: $(VENV)/.wangge-test

# The lock with hashes first, then the project without dependencies; its build hook fetches the browser assets.
$(VENV)/.wangge: requirements/runtime.txt requirements/build.txt pyproject.toml package-lock.json hatch_build.py
	@sh scripts/venv.sh $(VENV)
	@echo "Installing pinned packages / 正在安装锁定版本的依赖 ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/build.txt
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.wangge-test: $(VENV)/.wangge requirements/test.txt
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/test.txt
	@touch $@

debian:
	@sh scripts/debian_packages.sh

lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Compiled loops are kept on disk: made once, on the core that lint leaves free, they are not made by every worker.
test: debian install-test
	@$(BIN)/python -m webmap.warming & $(MAKE) --no-print-directory lint && wait
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "$$(sh scripts/runnable.sh) and not long"

test-real: install-test
	@test -d ../shared/data || { echo "test-real reads ../shared/data, which is not beside this checkout."; exit 2; }
	$(PYTEST) -m "real"

test-long: install-test
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "long and $$(sh scripts/runnable.sh)"

bench: install-test
	@sh scripts/venv.sh $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	@$(VENV)-bench/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@for script in $$(ls benchmarks/*.py | grep -v table.py); do $(VENV)-bench/bin/python $$script $(BENCH_ARGS) || exit 1; done

bundle: install
	@sh scripts/bundle.sh $(BIN)/python

# Needs uv; run after changing dependencies in pyproject.toml.
lock:
	uv pip compile requirements/build.in --generate-hashes --python-version 3.11 --no-annotate --no-header -q -o requirements/build.txt
	uv pip compile pyproject.toml --generate-hashes --python-version 3.11 --no-annotate --no-header -q -o requirements/runtime.txt
	uv pip compile pyproject.toml --extra test --generate-hashes --python-version 3.11 --no-annotate --no-header -q -c requirements/runtime.txt -o requirements/test.txt
	uv pip compile pyproject.toml --extra test --extra bench --generate-hashes --python-version 3.11 --no-annotate --no-header -q -c requirements/test.txt -o requirements/bench.txt

clean:
	rm -rf $(VENV) $(VENV)-bench build dist node_modules webmap/static/vendor var
