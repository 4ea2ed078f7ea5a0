# What people do with this repository; `make help` lists it.

SOURCE    ?= sample-data/music
LOGS      ?= sample-data/plays
# The sample's regions hold a few megabytes; other libraries get larger ones until they name theirs.
TOPOLOGY  ?= $(if $(filter sample-data/music,$(SOURCE)),sample-data/topology.json,pipelines/topology.json5)
# The sample's calendar goes with the sample's logs only.
RELEASES  ?= $(if $(filter sample-data/plays,$(LOGS)),sample-data/releases.json)
# Which artists are one and which are several (docs/formats/catalog.md).
ALIASES   ?=
# Your own music does not mix with the sample's.
WAREHOUSE ?= $(if $(filter sample-data/music,$(SOURCE)),warehouse,warehouse-own)
DATE      ?=
LISTEN    ?= 127.0.0.1:8080
PREFIX    ?= /usr/local

BUILD     := .build/release
SOURCES   := Package.swift $(shell find Sources -type f)
# Without the Swift runtime's shared libraries the programs start in 3 ms and run on any Debian 12.
SWIFT_BUILD := swift build -c release --static-swift-stdlib

PYSPARK      := pyspark==4.3.0
# Peers and solvers of the delivery benchmark, as it was measured with.
DELIVERY_PEERS := libcachesim==0.3.5 scipy==1.17.1 numpy==2.4.6
# For all targets of `make fuzz` together.
FUZZ_SECONDS ?= 60
KILLS        ?= 200
SEED         ?=

.PHONY: help setup build nightly serve install test test-kill test-recount test-caches test-spark fuzz bench bench-delivery bench-formats bench-index bench-ingest bench-plays bench-search bench-spark lint format sample-data clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make nightly SOURCE=DIR LOGS=DIR [TOPOLOGY=FILE] [RELEASES=FILE] [ALIASES=FILE] [DATE=YYYY-MM-DD] [WAREHOUSE=DIR]"
	@echo "  make serve [WAREHOUSE=DIR] [LISTEN=HOST:PORT]"

setup: ## Install the Debian packages that are missing
	@scripts/install-packages.sh

build: setup $(BUILD)/.built ## Build the release

# One build for both programs; the stamp spares the package manager when nothing has changed.
$(BUILD)/.built: $(SOURCES)
	@scripts/install-packages.sh
	@$(SWIFT_BUILD)
	@touch $@

nightly: build ## Run a night on SOURCE and LOGS (the sample library) into WAREHOUSE
	@$(BUILD)/spindle run pipelines/nightly.json5 --warehouse "$(WAREHOUSE)" \
	  --set source="$(SOURCE)" --set logs="$(LOGS)" --set topology="$(TOPOLOGY)" \
	  --set releases="$(RELEASES)" --set aliases="$(ALIASES)" $(if $(DATE),--date "$(DATE)")

serve: build ## Start the daemon on the last snapshot
	@SWIFT_BACKTRACE=enable=no exec $(BUILD)/spindled --warehouse "$(WAREHOUSE)" --listen "$(LISTEN)"

install: build ## Put both programs into PREFIX/bin, the pipelines into PREFIX/share/spindle
	@install -D -m 755 -t "$(DESTDIR)$(PREFIX)/bin" $(BUILD)/spindle $(BUILD)/spindled
	@install -D -m 644 -t "$(DESTDIR)$(PREFIX)/share/spindle" pipelines/*.json5

test: ## Run all tests
	@scripts/install-packages.sh tests
	@swift build --build-tests
	@swift test --skip-build

test-kill: build ## Kill spindle ingest at 200 random moments and look at what is left (KILLS=N, SEED=N)
	@python3 Benchmarks/kill_ingest.py --kills $(KILLS) $(if $(SEED),--seed $(SEED)) --spindle $(BUILD)/spindle

# The version whose SQL the recount was written for.
test-recount: build ## Count plays a second time, by SQL in DuckDB, and compare every number
	@scripts/python-venv.sh .build/duckdb-venv duckdb==2.0.1
	@.build/duckdb-venv/bin/python Tests/Recount/recount.py

# The version whose corner cases the policies have.
test-caches: setup ## Run cache policies beside libCacheSim's on the same traces (SEED=N)
	@swift build --product CacheProbe
	@scripts/python-venv.sh .build/cache-venv libcachesim==0.3.5
	@.build/cache-venv/bin/python Tests/Caches/compare.py $(if $(SEED),--seed $(SEED))

test-spark: build ## Count days on a Spark cluster on loopback that loses workers, and compare every byte
	@scripts/install-packages.sh spark
	@scripts/python-venv.sh .build/spark-venv $(PYSPARK)
	@.build/spark-venv/bin/python Tests/Spark/test_spark.py

fuzz: setup ## Fuzz the readers of tags, frames and play logs for a minute (FUZZ_SECONDS=3600 for an hour)
	@scripts/fuzz.sh $(FUZZ_SECONDS)

bench: build ## Measure a night beside its floors (PYTHON_DUCKDB=python3 with duckdb adds a peer)
	@python3 Benchmarks/night.py

bench-delivery: build ## Judge delivery plans beside libCacheSim, HiGHS and the true rates (60 GB, hours; SONGS=20000 EVENTS=2800000 SEEDS=1 VARIANTS=normal for less, WORK=DIR to go on)
	@scripts/python-venv.sh .build/delivery-venv $(DELIVERY_PEERS)
	@.build/delivery-venv/bin/python Benchmarks/delivery.py $(if $(SONGS),--songs $(SONGS)) $(if $(EVENTS),--events $(EVENTS)) \
	  $(if $(DAYS),--days $(DAYS)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(VARIANTS),--variants $(VARIANTS)) \
	  $(if $(ONLY),--only $(ONLY)) $(if $(WORK),--work "$(WORK)")

bench-formats: build ## Count play logs of every format and recount them with Python
	@python3 Benchmarks/play_log_formats.py

bench-index: build ## Measure building the catalogue at 10 thousand to a million songs (3 GB)
	@python3 Benchmarks/index.py

bench-search: build ## Measure finding in a million songs beside FTS5 and tantivy (6 GB; PYTHON_PEERS=python3 with tantivy)
	@scripts/install-packages.sh search-bench
	@python3 Benchmarks/search.py

bench-plays: build ## Count 50 million plays beside DuckDB, Polars and chDB (30 GB; EVENTS=5000000 for less; PYTHON_PEERS=python3 with duckdb, …)
	@python3 Benchmarks/plays.py $(if $(EVENTS),--events $(EVENTS)) $(if $(WORK),--work "$(WORK)")

bench-spark: build ## Count plays on Spark, by the program and by Spark SQL (EVENTS=N)
	@scripts/install-packages.sh spark
	@scripts/python-venv.sh .build/spark-venv $(PYSPARK)
	@.build/spark-venv/bin/python Benchmarks/spark.py $(if $(EVENTS),--events $(EVENTS)) $(if $(WORK),--work "$(WORK)")

bench-ingest: build ## Measure reading music beside TagLib, cp, find and others (20 GB; PYTHON_PEERS=python3 with mutagen, tinytag, eyeD3, beets)
	@python3 Benchmarks/ingest.py

lint: ## Check the formatting
	@swift format lint --strict -r -p Sources Tests Fuzz Package.swift

format: ## Format all Swift sources
	@swift format format -i -r -p Sources Tests Fuzz Package.swift

sample-data: ## Make the sample library anew (needs a synthesiser; see sample-data/README.md)
	@sample-data/install-tools.sh
	@python3 sample-data/generate.py render && python3 sample-data/generate.py logs

clean: ## Remove what was built, not the warehouse
	@rm -rf .build
