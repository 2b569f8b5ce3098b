# Everything runs in .venv, which is made from the lock files on first use: nothing is installed by hand or outside of it.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
JOBS ?= 2
RUKUN = .venv/bin/rukun

.PHONY: demo serve test test-postgres check bench lock picture clean

demo: .venv/ready
	$(RUKUN) exercise demo --seed 1 --overwrite
	$(RUKUN) backtest demo/events.csv --areas demo/areas.geojson --calendar demo/calendar.csv --effort demo/effort.csv \
		--series demo/series.csv --series-change year --from 2024-01-01 --refit 26 --horizon 2 --out demo/scores.csv --report demo/report.html
	$(RUKUN) forecast demo/events.csv --areas demo/areas.geojson --calendar demo/calendar.csv --effort demo/effort.csv \
		--series demo/series.csv --series-change year --category all --explain --out demo/forecast.csv
	@echo "Report: $(CURDIR)/demo/report.html"
	rm -rf demo/server
	RUKUN_HOME=demo/server RUKUN_PLAIN_HTTP=1 $(RUKUN) training --seed 1
	RUKUN_HOME=demo/server RUKUN_PLAIN_HTTP=1 $(RUKUN) serve

# An installation of this machine's own, after `rukun init`.
serve: .venv/ready
	$(RUKUN) serve

test: .venv/ready
	.venv/bin/pytest -n $(JOBS) -m "not bench"

# The server's tests once more, on a PostgreSQL of their own.
test-postgres: .venv/ready
	.ci/with-postgres .venv/bin/pytest -n $(JOBS) tests/integration/server

check: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/ready
	.venv/bin/pytest tests/bench -m bench -s

# The picture of the README: the report of `make demo` as a browser shows it.
picture:
	$(CHROMIUM) --headless --no-sandbox --hide-scrollbars --window-size=1200,1500 \
		--screenshot=docs/picture.png "file://$(CURDIR)/demo/report.html"
CHROMIUM ?= chromium

# New versions of what is installed; run it in a commit of its own.
lock: .venv/ready
	echo uv | .venv/bin/uv pip compile - --upgrade $(LOCK) --no-annotate --output-file locks/uv.txt
	.venv/bin/uv pip compile pyproject.toml --upgrade $(LOCK) --no-annotate --output-file locks/requirements.txt \
		--extra boosting --extra dask --extra server --group build --group test --group check
LOCK = --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.venv/ready: locks/uv.txt locks/requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found: install it, or say where it is with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement locks/uv.txt
	.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --requirement locks/requirements.txt
	.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	touch .venv/ready

clean:
	rm -rf .venv demo
