# Everything a fresh clone needs is one `make` away: every target sets the environment up first, once.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The build without CUDA, a tenth of the size. For a GPU: pip install 'videoannotator[all]' into an environment of your own.
TORCH := torch==2.13.0+cpu

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench accuracy proto client docs site lint release-contract clean

help: ## Show the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with the pinned set of packages; instant when nothing changed.

demo: $(READY) ## Annotate a real video with real models through the running service.
	@$(BIN)/python scripts/demo.py

test: $(READY) ## Run every test.
	$(BIN)/python -m pytest

bench: $(READY) ## Run the benchmarks and print their tables.
	@$(BIN)/python scripts/bench.py $(ONLY)

accuracy: $(READY) ## Hold results against clips whose content is known; fails below the floors.
	@$(BIN)/python scripts/accuracy.py $(if $(MEDIA),--media $(MEDIA))

proto: $(READY) ## Generate the stubs, Python and TypeScript, and the descriptors for Envoy from protos/.
	$(BIN)/python scripts/generate_stubs.py
	$(BIN)/python scripts/typescript.py generate

client: $(READY) ## Generate the blocking Python client from the awaited one.
	$(BIN)/python scripts/generate_client.py

docs: $(READY) ## Generate the pages that repeat what code says, and the OpenAPI document.
	$(BIN)/python -m scripts.generate_docs
	$(BIN)/python -m scripts.openapi

site: $(READY) ## Build the documentation site in build/site; a broken link or any warning fails.
	@$(BIN)/python -m scripts.site

lint: $(READY) ## Check style, types, the contract, and that generated files are fresh.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/buf lint
	$(BIN)/python scripts/check_contract.py
	$(BIN)/python scripts/generate_stubs.py --check
	$(BIN)/python scripts/generate_client.py --check
	$(BIN)/python -m scripts.generate_docs --check
	$(BIN)/python -m scripts.openapi --check
	$(BIN)/python scripts/typescript.py check

release-contract: $(READY) ## Keep the contract as that of the version in pyproject.toml, for later ones to be held against.
	$(BIN)/python scripts/check_contract.py --release

clean: ## Remove what make made, but no results of yours outside demo/.
	rm -rf clients/typescript/node_modules clients/typescript/dist scripts/site/node_modules
	rm -rf $(VENV) build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Pinned and without dependency resolution: packages that ask for opencv-python get the one OpenCV that is pinned here,
# opencv-python-headless. Two OpenCV wheels in one environment overwrite each other's files.
$(READY): constraints.txt pyproject.toml scripts/mend_torchaudio.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than Python 3.11; name a newer one with: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@test -x $(BIN)/pip || "$(PYTHON)" -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "python -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing the pinned packages into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "$(TORCH)" 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "$(TORCH)" --index-url https://download.pytorch.org/whl/cpu
	@$(BIN)/python scripts/mend_torchaudio.py
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
