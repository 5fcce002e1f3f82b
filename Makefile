# make run    sets up, builds, loads the catalogue, retrains, and prints a quote for a sample request
# make test   sets up and runs every test
# make serve  the quote service on 127.0.0.1:8080
# make notebooks  runs notebooks-txt/ and compares what the commands in them print
# make bench  benchmarks, as ratios against peers or the machine's limit
# make simulate  the pricing advice in markets whose truth is known, some minutes each: figures beside the bars
# make spark  installs Apache Spark for `retrain run --engine spark` and runs its tests, on local[2] and on a cluster
# make format / make clean

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test notebooks simulate serve bench spark format lint clean set-up build data

export PKG_CONFIG_PATH := $(CURDIR)/.dependencies/highs/lib/pkgconfig:$(PKG_CONFIG_PATH)

# One configuration for running and testing: tests go by public and package interfaces only.
BUILD := swift build --configuration release
BIN := .build/release
DATABASE ?= flashback.sqlite
MODELS ?= models
REQUEST ?= datasets/requests/media-archive-eu.json
PORT ?= 8080

help:
	@sed -n 's/^# \(make.*\)/\1/p' Makefile

set-up:
	@.ci/set-up

build: set-up
	@$(BUILD) 2>&1 | .ci/quiet

data: build
	@$(BIN)/quote-service import folder datasets --database $(DATABASE)

run: data
	@$(BIN)/retrain run --database $(DATABASE) --models $(MODELS)
	@echo
	@$(BIN)/quote-service quote --request $(REQUEST) --database $(DATABASE) --models $(MODELS)

serve: data
	@.ci/set-up charts
	@$(BIN)/quote-service serve --open --console demo --port $(PORT) --database $(DATABASE) --models $(MODELS)

lint: set-up
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests

test: lint
	@python3 datasets/derivation/check.py
	@$(BUILD) --build-tests 2>&1 | .ci/quiet
	@.ci/notebooks
	@swift test --configuration release --skip-build --disable-testable-imports --parallel 2>&1

notebooks: build
	@.ci/notebooks

simulate: build
	@status=0; for scenario in datasets/scenarios/*.json; do \
	  $(BIN)/pricing-advisor simulate --scenario $$scenario || status=1; done; exit $$status

spark: set-up
	@.ci/spark
	@$(BUILD) --build-tests 2>&1 | .ci/quiet
	@FLASHBACK_SPARK_PYTHON=$(CURDIR)/.dependencies/spark/bin/python swift test --configuration release --skip-build \
	  --disable-testable-imports --filter SparkTests 2>&1

bench: set-up
	@FLASHBACK_BENCHMARKS=1 swift package --disable-sandbox benchmark --format markdown

format:
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

clean:
	@rm -rf .build .dependencies $(DATABASE) $(DATABASE)-shm $(DATABASE)-wal
