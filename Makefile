# Everything here needs Python >= 3.11 and make. Each target makes the virtual environment it uses:
# .venv for tests and checks, .venv-local for the embedded AWS and every tool, .venv-bench for the peers of a benchmark, .venv-sam for the SAM CLI,
# .venv-places for packages that carry coordinates, .venv-audit for what make audit asks.
PYTHON ?= python3
BIN    := .venv/bin
AUDIT  := .venv-audit/bin
LOCAL  := .venv-local/bin/python
TOOL   := $(LOCAL) -m infra.local.on_layer
SAM    := SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
SAM_VERSION := 1.170.0

# What people may set: make run SAMPLE=us-solar PORT=8001 DATA=/elsewhere
SAMPLE ?= dach-heating
PORT   ?= 8000
ARCHITECTURE ?= arm64
# What builds the layers of bench-size: only Lambda's own version of Python makes byte-code.
RUNTIME_PYTHON ?= $(CURDIR)/$(BIN)/python
DATA   ?= .local/data
SEED   ?= $(shell date +%s)

# When make was called: make run says how long it took from there.
STARTED := $(shell date +%s)

# Read by the layer's Makefile too, which SAM calls.
export ARCHITECTURE

# The SDK of Python and with it SAM know the region only by its older name.
ifdef AWS_REGION
export AWS_DEFAULT_REGION := $(AWS_REGION)
endif

.DEFAULT_GOAL := help
.PHONY: help run demo test test-fast coverage test-faults test-journeys test-browser test-infra check format openapi mail-template bench bench-requests bench-latency \
        bench-load bench-matching bench-coldload bench-instructions bench-backtest bench-report bench-report-run bench-report-scale bench-cost bench-imports bench-size \
        house logs hq-key rotate-link-keys redrive restore smoke rebuild-views unsuppress replay dry-run backtest places deploy pins clean

help: ## list every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

# ---------------------------------------------------------------- try it

run: .venv-local/.ready ## the whole application on this machine (SAMPLE=dach-heating|us-solar PORT=8000 DATA=folder)
	@exec $(LOCAL) -m infra.local.run --sample "$(SAMPLE)" --port "$(PORT)" --data "$(DATA)" --started $(STARTED)

demo: .venv-local/.ready ## the journey of a lead, played by itself in a throw-away folder; exits 0 only if all was seen in a minute
	@exec $(LOCAL) -m infra.local.demo

logs: .venv-local/.ready ## what the functions of make run logged
	@$(LOCAL) -m infra.local.logs --data "$(DATA)"

hq-key: .venv-local/.ready ## make the first API key, once (FILE=hq.key to keep it, NAME=other for another); LIST=1 and REVOKE=id for what there is (STACK=name)
ifneq ($(LIST)$(REVOKE),)
	@$(TOOL) infra.tools.hq_keys --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") $(if $(REVOKE),--revoke "$(REVOKE)")
else
	@$(LOCAL) -m infra.tools.hq_key --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") $(if $(NAME),--name "$(NAME)") \
	  $(if $(FILE),--file "$(FILE)")
endif

rotate-link-keys: .venv-local/.ready ## a new key for magic links, step by step; run it again until it is complete (DAYS=30; STACK=name)
	@$(LOCAL) -m infra.tools.link_keys --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") $(if $(DAYS),--days "$(DAYS)")

redrive: .venv-local/.ready ## tell again what an outage kept back (LEAD=id or SINCE=2026-11-21T09:00Z; STACK=name)
	@$(LOCAL) -m infra.tools.redrive --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") \
	  $(if $(LEAD),--lead "$(LEAD)") $(if $(SINCE),--since "$(SINCE)")

restore: .venv-local/.ready ## leads and partners as they were at an instant, and the stack goes on from there (AT=2026-11-21T09:00Z; STACK=name)
	@$(TOOL) infra.tools.restore --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") $(if $(AT),--at "$(AT)")

smoke: .venv-local/.ready ## the journey of an enquiry on a stack in use, by SES's simulator; it cleans up after itself (STACK=name POSTCODE=80331)
	@$(TOOL) infra.tools.smoke --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") $(if $(POSTCODE),--postcode "$(POSTCODE)")

rebuild-views: .venv-local/.ready ## make HQ's lists anew from the leads (STACK=name)
	@$(TOOL) infra.tools.rebuild_views --data "$(DATA)" $(if $(STACK),--stack "$(STACK)")

unsuppress: .venv-local/.ready ## take a repaired mailbox off SES's suppression list (ADDRESS=info@example.com; STACK=name)
	@$(TOOL) infra.tools.unsuppress --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") "$(ADDRESS)"

dry-run: .venv-local/.ready ## what draft rules would do with one lead (PROGRAMME=draft.yaml PARTNERS=draft.csv LEAD=id|ENQUIRY=file; STACK=name)
	@$(TOOL) infra.tools.dry_run --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") \
	  $(if $(PROGRAMME),--programme "$(PROGRAMME)") $(if $(PARTNERS),--partners "$(PARTNERS)") \
	  $(if $(LEAD),--lead "$(LEAD)") $(if $(ENQUIRY),--enquiry "$(ENQUIRY)")

places: $(if $(FILE),.venv,.venv-places)/.ready ## where a country's postcodes are (COUNTRY=US, or COUNTRY=AT FILE=AT.zip of GeoNames or your CSV; KEY=hq.key RELAY=https://…)
	@$(if $(FILE),.venv,.venv-places)/bin/python -m infra.tools.places --relay "$(or $(RELAY),http://127.0.0.1:$(PORT))" \
	  $(if $(COUNTRY),--country "$(COUNTRY)") $(if $(FILE),--file "$(FILE)") $(if $(KEY),--key "$(KEY)")

backtest: .venv-local/.ready ## play draft rules against those in force, over past leads (PROGRAMME=draft.yaml LEADS=leads.csv SEED=1; STACK=name)
	@$(TOOL) infra.tools.backtest --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") \
	  $(if $(PROGRAMME),--programme "$(PROGRAMME)") $(if $(PARTNERS),--partners "$(PARTNERS)") \
	  $(if $(LEADS),--leads "$(LEADS)") $(if $(filter command environment,$(firstword $(origin SEED))),--seed "$(SEED)") $(if $(PAGE),--page "$(PAGE)")

replay: .venv-local/.ready ## make the decisions about a lead again and compare (LEAD=id; STACK=name)
	@$(TOOL) infra.tools.replay --data "$(DATA)" $(if $(STACK),--stack "$(STACK)") $(if $(LEAD),--lead "$(LEAD)")

# ---------------------------------------------------------------- test it

test: .venv/.ready ## unit, integration and template tests; nothing runs but Python
	$(BIN)/pytest -n auto -m "not embedded and not browser"

test-fast: .venv/.ready ## unit and integration tests with few random examples, while you work
	RELAY_FEW=1 $(BIN)/pytest tests/unit tests/integration -n auto --dist worksteal -m "not embedded and not browser and not slow"

coverage: .venv/.ready ## which lines and branches make test does not reach
	@mkdir -p build
	$(BIN)/pytest -n auto -m "not embedded and not browser" --cov --cov-report=term

test-faults: .venv/.ready ## everything broken on purpose, at length (SHORT=1: what CI runs; SEED=… the same games again)
	@echo "seed $(SEED)"
	@$(if $(SHORT),,RELAY_FULL=1) $(BIN)/pytest tests/faults -n auto --dist loadfile --show-capture=no --hypothesis-seed=$(SEED)

test-infra: .venv/.ready .venv-local/.ready ## the template and what we rely on in the embedded AWS
	$(BIN)/pytest tests/infra

test-journeys: .venv/.ready .venv-local/.ready ## stories over HTTP and mail on the embedded AWS
	$(BIN)/pytest tests/journeys

test-browser: .venv/.ready .venv-local/.ready ## pages in Chromium (Debian: chromium fonts-liberation); SCREENSHOTS=folder draws them
	$(BIN)/pytest tests/browser

bench: bench-cost bench-imports bench-size bench-requests bench-latency bench-matching bench-coldload bench-instructions bench-backtest bench-report bench-report-run ## every benchmark

bench-matching: .venv-bench/.ready ## who is least busy for an enquiry: the engine against sqlite, zen-engine and scans (10 minutes)
	@PYTHONPATH=. .venv-bench/bin/python -m tests.benchmarks.matching

bench-coldload: .venv/.ready ## a network of 100,000 partners from its stored bytes, against JSON
	@$(BIN)/python -m tests.benchmarks.coldload

bench-instructions: .venv/.ready ## machine instructions of a decision at 1k, 10k and 100k partners, and of a warm intake (needs valgrind)
	@$(BIN)/python -m tests.benchmarks.instructions

bench-backtest: .venv/.ready ## a year of made-up enquiries by two programmes (LEADS=10000 PARTNERS=1000)
	@$(BIN)/python -m tests.benchmarks.backtest "$(or $(LEADS),10000)" "$(or $(PARTNERS),1000)"

bench-report: .venv-bench/.ready ## all figures of a month's report, against pandas (LEADS=100000 PARTNERS=2000)
	@PYTHONPATH=. .venv-bench/bin/python -m tests.benchmarks.report "$(or $(LEADS),100000)" "$(or $(PARTNERS),2000)"

bench-report-scale: .venv/.ready ## the memory that a month of a million leads takes (LEADS=1000000 PARTNERS=10000)
	@PYTHONPATH=. $(BIN)/python -m tests.benchmarks.report_scale "$(or $(LEADS),1000000)" "$(or $(PARTNERS),10000)"

bench-report-run: .venv/.ready ## what a report's tasks ask of AWS, and their memory (LEADS=2000 PARTNERS=50)
	@POWERTOOLS_LOG_LEVEL=ERROR $(BIN)/python -m tests.benchmarks.report_run "$(or $(LEADS),2000)" "$(or $(PARTNERS),50)"

bench-requests: .venv/.ready ## requests and write units of a routed lead and of an accept, by three programmes
	@POWERTOOLS_LOG_LEVEL=ERROR $(BIN)/python -m tests.benchmarks.requests

bench-imports: .venv/.ready ## how long each function takes to start, against boto3's client and one model of pydantic (10 minutes; counts with valgrind; FUNCTIONS="intake notify")
	@$(BIN)/python -m tests.benchmarks.imports $(FUNCTIONS)

bench-cost: .venv/.ready ## dollars per million enquiries and per idle month, from counted requests and tests/benchmarks/prices.yaml
	@POWERTOOLS_LOG_LEVEL=ERROR POWERTOOLS_METRICS_DISABLED=true $(BIN)/python -m tests.benchmarks.cost

bench-size: .venv/.ready ## build the layers as Lambda gets them and print their sizes unzipped (ARCHITECTURE=arm64|x86_64 RUNTIME_PYTHON=python3.13)
	@rm -rf build/layers
	@$(MAKE) -s -C layers/routing_core build-RoutingCore PYTHON="$(RUNTIME_PYTHON)" ARTIFACTS_DIR="$(CURDIR)/build/layers/routing_core"
	@$(MAKE) -s -C layers/hq_tools build-HqTools PYTHON="$(RUNTIME_PYTHON)" ARTIFACTS_DIR="$(CURDIR)/build/layers/hq_tools"
	@$(BIN)/python -m infra.checks.layer_size build/layers/routing_core build/layers/hq_tools

bench-load: .venv/.ready .venv-local/.ready ## two minutes of posts and answers on the embedded AWS; a thousand a second against AWS's quotas
	@POWERTOOLS_LOG_LEVEL=ERROR $(BIN)/python -m tests.benchmarks.load

bench-latency: .venv/.ready .venv-local/.ready ## seconds from a form post to the offer mail in the mailbox, median of 20
	@$(BIN)/python -m tests.benchmarks.post_to_mail

# ---------------------------------------------------------------- keep it

check: .venv/.ready .venv-sam/$(SAM_VERSION) ## lint, types, import contracts, template, openapi.yaml, sam build, and make audit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m infra.checks.lint
	$(BIN)/python -m infra.openapi --check
	AWS_DEFAULT_REGION=eu-central-1 $(SAM) validate --lint
	@mkdir -p build
	$(SAM) build --build-dir build/sam > build/sam.log 2>&1 || { cat build/sam.log; exit 1; }
	@$(MAKE) -s audit

.PHONY: audit
audit: .venv/.ready .venv-audit/.ready ## rights (parliament), checkov, bandit, secrets, known vulnerabilities; what may be found stands in infra/checks
	$(BIN)/python -m infra.checks.policies build/check
	$(AUDIT)/parliament --directory build/check/policies --config infra/checks/parliament.yaml < /dev/null
	$(AUDIT)/checkov --config-file infra/checks/checkov.yaml
	$(AUDIT)/bandit --quiet --configfile infra/checks/bandit.yaml --recursive functions layers/routing_core/routing_core infra
	$(AUDIT)/python -m infra.checks.secrets
	$(AUDIT)/python -m infra.checks.vulnerable

house: .venv/.ready ## how the code reads, in figures (LISTS=1: and where)
	@$(BIN)/python -m infra.checks.house $(if $(LISTS),--lists)

openapi: .venv/.ready ## write infra/openapi.yaml anew from the code
	@$(BIN)/python -m infra.openapi

mail-template: .venv/.ready ## write the mails' template anew from infra/mail_template
	@$(BIN)/python -m infra.mail_template

format: .venv/.ready ## put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pins: .venv/.ready ## resolve every version anew (needs uv on PATH)
	uv pip compile pyproject.toml --all-extras --universal --upgrade --no-emit-index-url --no-header --no-annotate -o constraints.txt
	uv pip compile pyproject.toml -c constraints.txt --python-version 3.13 --python-platform x86_64-manylinux_2_28 \
	  --upgrade --no-emit-index-url --no-header --no-annotate -o layers/routing_core/requirements.txt
	grep -E '^(et-xmlfile|numpy|openpyxl)==' constraints.txt > layers/hq_tools/requirements.txt

# ---------------------------------------------------------------- ship it

deploy: export PARAMETERS := $(PARAMETERS)
deploy: .venv-local/.ready ## look at the account, build and deploy with SAM (SENDER=leads@your.domain, BASE_URL, ALARM_EMAIL, STACK, ARCHITECTURE=arm64|x86_64, EDGE_SECRET, ROLE, PARAMETERS='Name=value …')
	@$(LOCAL) -m infra.tools.before_deploy "$(SENDER)" --architecture "$(ARCHITECTURE)" --parameters "$$PARAMETERS" \
	  $(if $(STACK),--stack "$(STACK)") $(if $(ENQUIRIES),--enquiries "$(ENQUIRIES)") $(if $(ANYWAY),--anyway)
	@$(MAKE) -s .venv-sam/$(SAM_VERSION)
	$(SAM) build --parameter-overrides 'Architecture="$(ARCHITECTURE)"'
	@$(SAM) deploy $(if $(STACK),--stack-name "$(STACK)") $(if $(ROLE),--role-arn "$(ROLE)") $(if $(CI),--no-confirm-changeset) \
	  --parameter-overrides 'Sender="$(SENDER)"' 'Architecture="$(ARCHITECTURE)"' \
	  $(if $(BASE_URL),'BaseUrl="$(BASE_URL)"') $(if $(ALARM_EMAIL),'AlarmEmail="$(ALARM_EMAIL)"') \
	  $(if $(EDGE_SECRET),'EdgeSecret="$(EDGE_SECRET)"' "EdgeMark=$$(printf %s '$(EDGE_SECRET)' | $(LOCAL) -c \
	  'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:8])')") $(PARAMETERS)
	@$(LOCAL) -m infra.tools.protect_stack --stack "$(or $(STACK),partner-relay)"

clean: ## remove environments and build products; the data of make run stays
	rm -rf .venv .venv-audit .venv-bench .venv-local .venv-places .venv-sam build .aws-sam .local/build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# ---------------------------------------------------------------- environments

.venv/.ready: pyproject.toml constraints.txt
	@$(call new_venv,.venv,one to two minutes)
	@$(BIN)/pip install -q -c constraints.txt -e '.[dev,hq]'
	@touch $@

.venv-bench/.ready: pyproject.toml constraints.txt
	@$(call new_venv,.venv-bench,half a minute)
	@.venv-bench/bin/pip install -q -c constraints.txt -e '.[bench]'
	@touch $@

.venv-places/.ready: pyproject.toml constraints.txt
	@$(call new_venv,.venv-places,half a minute)
	@.venv-places/bin/pip install -q -c constraints.txt -e '.[places]'
	@touch $@

.venv-local/.ready: infra/local/requirements.txt
	@$(call new_venv,.venv-local,half a minute)
	@.venv-local/bin/pip install -q -r infra/local/requirements.txt
	@touch $@

.venv-audit/.ready: infra/checks/requirements.txt
	@$(call new_venv,.venv-audit,one to two minutes)
	@.venv-audit/bin/pip install -q -r infra/checks/requirements.txt
	@touch $@

.venv-sam/$(SAM_VERSION):
	@$(call new_venv,.venv-sam,one to two minutes)
	@.venv-sam/bin/pip install -q aws-sam-cli==$(SAM_VERSION)
	@touch $@

define new_venv
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
  { echo "Python 3.11 or newer is needed; say where it is with PYTHON=/path/to/python3.11" >&2; exit 1; }; \
echo "Making $(1) (once; $(2))"; $(PYTHON) -m venv $(1) || \
  { echo "python3 -m venv failed; on Debian it comes with the package python3-venv" >&2; exit 1; }
endef
