# One virtual environment, .venv, made here on first use. Any Python from 3.11 on: make PYTHON=python3.12 test
PYTHON ?= $(or $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3,11))' 2>/dev/null && echo $$p && break; done),python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
THREADS := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
# what notebooks leave in temporary folders goes with them
SWEPT := d=$$(mktemp -d) && trap 'rm -rf "$$d"' EXIT && export TMPDIR="$$d";
MADE := lm_ppo nbs README.md docs
IMDB ?= ../shared/data/imdb
PREFERENCES ?= ../shared/data/preferences
WRITING_PROMPTS ?= ../shared/data/writing_prompts
.NOTPARALLEL:
.PHONY: help bench demo test test-all test-slow test-docs wheel export run clean docs check-step

help:         ; @sed -n 's/^## //p' Makefile

## make demo       teach the embedded GPT-2 to write happier reviews, offline; results in runs/demo (ARGS='--target negative' for options)
demo: .venv/demo-ok
	lm_ppo_sentiment --output-dir runs/demo $(ARGS)

## make test       everything exported, every notebook run as a test, docs and README built; fails when one of them was out of step
test: export clean
	$(SWEPT) $(THREADS) nbdev_test --n_workers 2 --timing
	$(MAKE) docs check-step

## make test-all   make test, then the slow cells, the site in a browser, the wheel, and installs with the lowest and the newest versions allowed
test-all: test test-slow test-docs wheel
	PYTHON=$(PYTHON) bash .ci/versions.sh

# Each notebook in a process of its own: memory is given back between them. $(call with,FLAGS,ENVIRONMENT): those that have such cells, two at a time, with threads that sleep while they wait (see 00c)
has = grep -lE '"\#\| ($(subst $() $(),|,$(1)))' nbs/*.ipynb
each = xargs -P $(1) -I{} sh -c '$(THREADS) $(3) nbdev_test --path {} --n_workers 0 --flags "$(2)" && echo "ok: {}" || { echo "FAILED: {}"; exit 1; }'
with = $(call has,$(1)) | $(call each,2,$(1),OMP_WAIT_POLICY=passive $(2))
# The one that holds a bound in seconds goes first, alone
TIMED := nbs/05_gpt2_sentiment_control.ipynb
slow-with = echo $(TIMED) | $(call each,1,$(1)) && $(call has,$(1)) | grep -v $(TIMED) | $(call each,2,$(1),OMP_WAIT_POLICY=passive)

test-slow: export
	@$(SWEPT) if [ -d "$(IMDB)" ]; then echo 'Slow cells, and those that read IMDB:'; $(call slow-with,slow imdb); \
	else echo 'SKIPPED cells flagged imdb: no folder $(IMDB) (set IMDB=...)'; $(call slow-with,slow); fi
	@$(SWEPT) if [ -d "$(PREFERENCES)" ]; then echo 'Cells that read the preference pairs:'; $(call with,prefs,PREFERENCES="$(abspath $(PREFERENCES))" WRITING_PROMPTS="$(abspath $(WRITING_PROMPTS))"); \
	else echo 'SKIPPED cells flagged prefs: no folder $(PREFERENCES) (set PREFERENCES=...)'; fi
	@$(SWEPT) if python -c 'import torch, sys; sys.exit(not torch.cuda.is_available())'; then $(call with,gpu); \
	else echo 'SKIPPED cells flagged gpu: no CUDA device here'; fi
	@echo 'SKIPPED cells flagged hours: they train the embedded models; to run them: nbdev_test --flags "slow imdb hours"'

## make test-docs  open every page of docs/ in headless Chromium: light, dark, phone, links, search (skipped where there is no Chromium)
test-docs: .venv/ok
	python nbs/_sphinx/check.py

wheel: export
	rm -rf build dist && python -m build
	python .ci/wheel.py

## make bench      time steps, rollouts and iterations; beside trl where TRL_PYTHON=... names an interpreter that has it (ARGS='--rows "step, small"')
bench: export
	python -c 'from lm_ppo.benchmarks import bench_main; bench_main()' $(if $(TRL_PYTHON),--trl-python $(TRL_PYTHON)) $(ARGS)

## make docs       the site in docs/ and README.md
docs: export
	python -W ignore nbs/_sphinx/build.py

## make run        run the notebooks and keep their outputs (one: make run NB='00_*.ipynb'; the slow ones too: FLAGS='slow')
run: export
	$(THREADS) python nbs/_sphinx/run.py --glob '$(or $(NB),*.ipynb)' --flags '$(FLAGS)'

## make export     notebooks -> lm_ppo/
export: .venv/ok
	nbdev_export

clean: .venv/ok
	nbdev_clean

check-step:
	@git rev-parse -q --verify HEAD >/dev/null || { echo 'SKIPPED: in-step check: not a git checkout'; exit 0; }; \
	s="$$(git status --porcelain -- $(MADE))"; \
	[ -z "$$s" ] || { echo "$$s"; git --no-pager diff --stat -- $(MADE); echo 'Out of step with the last commit: commit what is listed above'; exit 1; }

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3,11) and f"lm_ppo needs Python 3.11 or newer, {sys.executable} is {sys.version.split()[0]}: make PYTHON=... $(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv

# The pins of requirements.txt as constraints, but only what the package itself needs
.venv/demo-ok: requirements.txt setup.py settings.ini | .venv/bin/python
	@echo 'Setting up .venv (a few minutes the first time)'
	python -m pip install -q torch==2.13.0 -c requirements.txt -e .
	@touch $@

.venv/ok: requirements.txt setup.py settings.ini | .venv/bin/python
	@echo 'Setting up .venv for development (a few minutes the first time)'
	python -m pip install -q torch==2.13.0 -r requirements.txt
	nbdev_export                            # an editable install of a package that is not there yet stays empty
	python -m pip install -q --no-deps -e . # run, docs and symbol links need the package installed
	@touch $@ .venv/demo-ok
