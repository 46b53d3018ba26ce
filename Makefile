# Everything a person or a CI needs; each target makes what it uses.
#   make demo    set up, and watch words go back to their speakers
#   make test    everything that needs no torch
#   make check   what CI runs

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := torch==2.13.0
# Every core takes a stretch of the tests, and what is left of another's when its own is done.
SPREAD := -n auto --maxprocesses 8 --dist worksteal

.PHONY: demo test check format lint types contracts test-metrics test-train test-torch test-ray fuzz faults bench benchmark docs wheel \
	clean

demo: $(VENV)/.installed
	@echo
	@echo '$$ diarfix smooth --diff examples/interview.json'
	@$(BIN)/diarfix smooth --diff examples/interview.json
	@echo
	@echo '$$ diarfix score examples/interview.ref.rttm examples/interview.json     (before)'
	@$(BIN)/diarfix score examples/interview.ref.rttm examples/interview.json -q --json \
		| $(BIN)/python -c "import json,sys; d=json.load(sys.stdin)['overall']; print(d['n_word_errors'], 'of', d['n_scored'], 'words with the wrong speaker,', d['islands'], 'islands')"
	@echo '$$ diarfix smooth examples/interview.json | diarfix score examples/interview.ref.rttm -     (after)'
	@$(BIN)/diarfix smooth -q examples/interview.json | $(BIN)/diarfix score examples/interview.ref.rttm - -q --json \
		| $(BIN)/python -c "import json,sys; d=json.load(sys.stdin)['overall']; print(d['n_word_errors'], 'of', d['n_scored'], 'words with the wrong speaker,', d['islands'], 'islands')"

$(VENV)/.python:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[acoustic]' -r requirements-dev.txt
	@touch $@

test: $(VENV)/.tools
	$(BIN)/python -m pytest -q $(SPREAD) -m 'not torch and not gpu'

format: $(VENV)/.tools
	$(BIN)/ruff format --check .

lint: $(VENV)/.tools
	$(BIN)/ruff check .

types: $(VENV)/.tools
	$(BIN)/mypy

contracts: $(VENV)/.tools
	$(BIN)/lint-imports

check: format lint types contracts test test-metrics test-train test-torch

# meeteval compiles C++; a machine without a compiler skips what needs it.
test-metrics: $(VENV)/.tools
	@if command -v c++ >/dev/null || command -v g++ >/dev/null; then \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[metrics]' && \
		$(BIN)/python -m pytest -q tests/metrics/test_external.py tests/cli/test_score.py; \
	else echo 'no C++ compiler: the tests of --cpwer and --cross-check are left out'; fi

# LightGBM grows the learned table, and no more; it needs OpenMP of the system.
test-train: $(VENV)/.tools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check lightgbm==4.6.0
	@if $(BIN)/python -c 'import lightgbm' 2>/dev/null; then \
		$(BIN)/python -m pytest -q tests/corpus/test_train.py; \
	else echo 'lightgbm does not load here (libgomp?): the test of training is left out'; fi

# The one build of torch that comes without CUDA; never let a dependency choose another.
test-torch: $(VENV)/.tools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH) pyyaml
	$(BIN)/python -m pytest -q -m 'torch and not gpu'

# Broken files over every reader: CASES each (docs/reliability.md); findings are kept in out/fuzz.
CASES ?= 2000
fuzz: $(VENV)/.tools
	$(BIN)/python tests/fuzz/run.py --cases $(CASES) --keep out/fuzz

# Full disks, read-only disks, signals, killed workers; some scenes mount and need root.
faults: $(VENV)/.tools
	$(BIN)/python tests/faults/run.py

# 240 MB and a minute: kept out of `make check`.
test-ray: $(VENV)/.tools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[ray]'
	$(BIN)/python -m pytest -q tests/engine

bench: $(VENV)/.tools
	$(BIN)/python tests/bench/run.py

benchmark: $(VENV)/.installed
	$(BIN)/diarfix benchmark --corpus corpus/corpus.json --variants off,rules,viterbi --out out/benchmark --baseline corpus/baseline.json

docs: $(VENV)/.installed
	$(BIN)/python docs/build.py

# What is shipped is what is tested: the wheel alone, in an empty environment, without the sources.
wheel: $(VENV)/.tools
	rm -rf dist build/wheel
	$(BIN)/python -m build --quiet --wheel --outdir dist .
	$(PYTHON) -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	build/wheel/venv/bin/diarfix smooth -q examples/interview.json > /dev/null
	build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check \
		"$$(echo dist/*.whl)[acoustic]" -r requirements-dev.txt
	cp -r tests examples corpus docs README.md CHANGELOG.md SECURITY.md LICENSE Makefile pyproject.toml build/wheel/
	cd build/wheel && venv/bin/python -m pytest -q $(SPREAD) -m 'not torch and not gpu' tests \
		--deselect tests/test_architecture.py

clean:
	rm -rf $(VENV) build dist out *.egg-info
