# Two commands matter: `make run` starts the site, `make test` checks everything. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 5000
PY := .venv/bin/python
PYTEST_ARGS ?=

export PORT
# what was compiled is kept, also where the environment says otherwise: the tests start many processes
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test prepare prepare-test lint catalogues bench bench-full clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: prepare  ## install what is missing, load the demonstration street once, match it, serve on http://127.0.0.1:5000 (PORT=…)
	@exec $(PY) -m wishapp start

test: prepare-test  ## everything: style, catalogues, architecture, both databases, real browser
	@$(PY) -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: prepare-test  ## style and catalogues alone
	@$(PY) -m pytest -q -p no:xdist tests/toolchain/test_style.py

catalogues: prepare-test  ## bring translations/ up to date with the texts in the code
	@$(PY) tools/catalogues.py update

bench: prepare-test  ## short measurements: a snapshot of a tenth of a district, a short run of the ledger, estimates of a yes, the road in the browser, the solver's short set (DATA=folder of the public sets)
	@$(PY) -m benchmarks.snapshot 600 3600
	@$(PY) -m benchmarks.ledger 300 2
	@$(PY) -m benchmarks.acceptance 3650
	@$(PY) -m benchmarks.road street
	@$(PY) -m benchmarks.solver_goals --set short $(if $(DATA),--data $(DATA))

bench-full: prepare-test  ## the whole measurements (long): a district, the ledger under kills and the office at district size on both databases, the road in the browser, the solver against its goals (kept in docs/benchmarks.md)
	@$(PY) -m benchmarks.snapshot
	@$(PY) -m benchmarks.ledger
	@$(PY) -m benchmarks.ledger 20000 4 postgresql
	@$(PY) -m benchmarks.acceptance
	@$(PY) -m benchmarks.district
	@$(PY) -m benchmarks.workers
	@$(PY) -m benchmarks.road street
	@$(PY) -m benchmarks.road district
	@$(PY) -m benchmarks.solver_goals --set full --write $(if $(DATA),--data $(DATA))

prepare:
	@$(PYTHON) tools/prepare.py run

prepare-test:
	@$(PYTHON) tools/prepare.py test

clean:  ## remove what can be made again (never instance/, where the data lives)
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis build dist test-results *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete
