# Martlet's commands. `make help` lists them. The Swift toolchain (6.2 or later) must be on PATH; where it is not, every
# command that needs it says how to get it and stops.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# One build configuration everywhere: field arithmetic in a debug build is some fifty times slower, and switching
# configurations or flags compiles everything again.
CONFIGURATION := release
# A scratch folder outside the clone works as a cache between clones.
SCRATCH ?= .build
SWIFT_BUILD_FLAGS ?=
SWIFT_TEST_FLAGS ?=
# Programs and tests share their modules, since no test needs testable ones. Without debug information a build takes a fifth less
# of the processor; for a profile or a debugger: SWIFT_BUILD_FLAGS='-debug-info-format dwarf'.
build_flags = -debug-info-format none $(SWIFT_BUILD_FLAGS)
swift_options = -c $(CONFIGURATION) --scratch-path $(SCRATCH) $(build_flags)
swift_test = swift test $(swift_options) --disable-testable-imports $(SWIFT_TEST_FLAGS)

SOAK_SECONDS ?= 3600
# Inputs for each reader of untrusted bytes in `make soak`, and in `make test` (0 for none: that saves a build, too), where a
# seed makes them the same in every run of a clean clone: what is new is looked for by `make fuzz` and `make soak`.
FUZZ_RUNS ?= 1000000
FUZZ_TEST_RUNS ?= 20000
FUZZ_TEST_SEED ?= 1

# Library targets whose documentation `make docs` builds.
DOC_TARGETS ?= Failures Outcomes FiniteFields EllipticCurves Curves Compute Polynomials Commitments ConstraintSystems Groth16 SnarkFormats \
    Circuits TrustedSetup ProofAggregation VerifierContracts ProvingEngine Coordination MartletClient

# Larger proving keys and witnesses, optional: tests, benchmarks and the demo use them where the folder exists, and say
# so where it does not.
MARTLET_FIXTURES ?= $(abspath ../shared/fixtures)
ifneq ($(wildcard $(MARTLET_FIXTURES)/.),)
export MARTLET_FIXTURES
else
unexport MARTLET_FIXTURES
endif

# A Python with the packages of Tests/Scripts/requirements.txt: an independent verifier, a compiler and an EVM for contracts. Set it to use one of your own.
venv_python := $(abspath .build-venv/bin/python)

lint_swift := $(wildcard Sources Tests Benchmarks Examples Package.swift)
find_sources = find . \( -name '.build*' -o -name '.git' -o -name '.venv*' \) -prune -o -type f

.PHONY: help demo test examples fuzz soak bench bench-check gpu-check lint docs build install package release clean bootstrap

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: ## builds, then shows in a few minutes: a ceremony, proofs, a queue, a contract, a federation (files in martlet-demo/)
	@Tools/bootstrap.sh --system --swift
	@# Contracts run in an EVM for Python: it is installed while the compiler works.
	@evm=; if [[ -z "$${MARTLET_PYTHON:-}" ]]; then Tools/bootstrap.sh --evm & evm=$$!; fi; \
	Tools/quiet-build.sh martlet '$(SCRATCH)/demo-build.log' $(swift_options) --product martlet; \
	[[ -z $$evm ]] || wait $$evm
	@MARTLET="$$(swift build $(swift_options) --show-bin-path)/martlet" deploy/demo/demo.sh

# Servers and clients in the tests' process share its pool of threads, which other tests hold: those of arithmetic for minutes,
# those that wait for programs for seconds. So each kind has a process of its own. Those that mostly wait run beside others; what
# they print comes at the end.
server_tests := ^(CoordinationTests|CoordinatorTests)[.]
program_tests := ^RemoteWorkerTests[.]
chaos_tests := ^ChaosTests[.]

fuzz = SCRATCH=$(SCRATCH) SWIFT_BUILD_FLAGS='$(build_flags)' Tests/Fuzz/run.sh

# Compiled OpenCL kernels of the tests stay beside the build, not in the user's cache.
test: export MARTLET_CACHE := $(abspath $(SCRATCH))/opencl-cache
test: export POCL_CACHE_DIR := $(abspath $(SCRATCH))/pocl-cache
# What only tests need is installed while the compiler works.
test: ## all tests, in release configuration
	@Tools/bootstrap.sh --system --swift
	@Tools/bootstrap.sh & tools=$$!; \
	(set -x; swift build $(swift_options) --build-tests) || { kill $$tools; exit 1; }; \
	wait $$tools
	@if [[ -z "$${MARTLET_PYTHON:-}" ]] && $(venv_python) -c 'import py_ecc' 2>/dev/null; then \
	    export MARTLET_PYTHON=$(venv_python); \
	fi; \
	[[ -n "$${MARTLET_PYTHON:-}" ]] || echo 'MARTLET_PYTHON is not set: tests that need Python packages are skipped'; \
	[[ -n "$${MARTLET_FIXTURES:-}" ]] || echo 'MARTLET_FIXTURES is not set: tests that need the larger fixtures are skipped'; \
	tests="$$(swift build $(swift_options) --show-bin-path)/martletPackageTests.xctest --testing-library swift-testing"; \
	set -x; $(swift_test) --skip-build --skip '$(server_tests)' --skip '$(program_tests)' \
	    --skip '$(chaos_tests)'; \
	{ $$tests --filter '$(chaos_tests)' && $$tests --filter '$(program_tests)'; } \
	    >'$(SCRATCH)/beside.log' 2>&1 & beside=$$!; failed=; \
	{ { [[ $(FUZZ_TEST_RUNS) == 0 ]] || $(fuzz) --formats --runs $(FUZZ_TEST_RUNS) --seed $(FUZZ_TEST_SEED) || [[ $$? == 3 ]]; } && \
	    $$tests --filter '$(server_tests)'; } || failed=1; \
	wait $$beside || failed=1; \
	{ set +x; } 2>/dev/null; cat '$(SCRATCH)/beside.log'; \
	[[ -z $$failed ]] || { echo 'make test: see what failed above' >&2; exit 1; }

# A user's own build; in an absolute folder, beside that of the package.
examples: ## builds the programs of Examples as users do, without packages that they do not need, and runs them (EXAMPLES='PROGRAM…' for some)
	@Tools/bootstrap.sh --system --swift
	@SCRATCH=$(abspath $(SCRATCH))-examples SWIFT_BUILD_FLAGS='$(SWIFT_BUILD_FLAGS)' Examples/run.sh $(EXAMPLES)

fuzz: ## feeds the readers of untrusted bytes with damaged inputs (FUZZ_FLAGS='--runs N TARGET…'; see Tests/Fuzz/README.md)
	@Tools/bootstrap.sh --system --swift
	@$(fuzz) $(FUZZ_FLAGS)

soak: examples ## builds and runs all examples, feeds a million inputs to each reader of untrusted bytes, runs the tests that take minutes, then kills coordinators, workers, provers and databases for SOAK_SECONDS (3600) on each store while jobs go through (SOAK_FLAGS='--seed N'), then runs the program under sanitizers
	@Tools/bootstrap.sh --system --swift
	@$(fuzz) --runs $(FUZZ_RUNS)
	@Tools/bootstrap.sh
	MARTLET_LONG_TESTS=1 MARTLET_PYTHON="$${MARTLET_PYTHON:-$(venv_python)}" $(swift_test) --filter 'RoundSettlementTests|FlowerTests|RecurseCommandTests/aTree'
	swift build $(swift_options) --product martlet
	@for store in sqlite postgres; do \
	    Tests/Scripts/chaos.py --martlet "$$(swift build $(swift_options) --show-bin-path)/martlet" \
	        --vectors Tests/Vectors/snarkjs/groth16-bn128-multiplier --store $$store --seconds $(SOAK_SECONDS) \
	        --jobs $$(($(SOAK_SECONDS) * 10 / 3)) $(SOAK_FLAGS); \
	done
	@SCRATCH=$(SCRATCH) SWIFT_BUILD_FLAGS='$(SWIFT_BUILD_FLAGS)' TEST_BUILD_FLAGS='--disable-testable-imports $(build_flags)' Tests/Sanitizers/run.sh

bench: ## CPU seconds and peak memory of a proof, for every Groth16 fixture (BENCH_FLAGS='--runs 5 --json FILE')
	@Tools/bootstrap.sh --system --swift
	@SCRATCH=$(SCRATCH) SWIFT_BUILD_FLAGS='$(build_flags)' Benchmarks/run.sh $(BENCH_FLAGS)

bench-check: ## CPU time of field, curve and transform operations against the thresholds in Benchmarks/Micro
	@Tools/bootstrap.sh --system --swift
	@SCRATCH=$(abspath $(SCRATCH))-micro SWIFT_BUILD_FLAGS='$(SWIFT_BUILD_FLAGS)' Benchmarks/Micro/check.sh

# A program of its own, without the server's dependencies and with the Swift libraries in it.
gpu_check_options = -c $(CONFIGURATION) --scratch-path $(SCRATCH)-gpu-check $(SWIFT_BUILD_FLAGS) \
    --static-swift-stdlib --product martlet-gpu-check

gpu-check: ## packs what shows on a machine with a GPU, offline, that Martlet works there, into gpu-check/
	@Tools/bootstrap.sh --system --opencl --swift
	swift build $(gpu_check_options)
	@Tools/gpu-check/pack.sh "$$(swift build $(gpu_check_options) --show-bin-path)/martlet-gpu-check" gpu-check

lint: ## swift-format in strict mode, syntax of scripts, the import graph, comments of public names, what can be checked of deploy/ and docs/
	@Tools/bootstrap.sh --swift
	swift format lint --strict --parallel --recursive $(lint_swift)
	@$(find_sources) \( -name '*.sh' -o -path './.ci/run' \) -print0 | xargs -0 -r -n 1 bash -n
	@cache=$$(mktemp -d); trap 'rm -rf "$$cache"' EXIT; \
	$(find_sources) -name '*.py' -print0 | PYTHONPYCACHEPREFIX=$$cache xargs -0 -r python3 -m py_compile
	@Tools/import-graph.py
	@Tools/undocumented.py
	@deploy/check.sh
	@python3 Tools/check-docs.py
	@echo 'lint: clean'

docs: ## DocC documentation of the library targets, warnings as errors
	@Tools/bootstrap.sh --swift
	@for t in $(DOC_TARGETS); do \
	    (set -x; swift package --scratch-path $(SCRATCH) --disable-sandbox \
	        generate-documentation --target $$t --warnings-as-errors); \
	done

build: ## everything, in release configuration
	@Tools/bootstrap.sh --system --swift
	swift build $(swift_options)

# Where `make install` puts things; DESTDIR goes before it, as packagers want it.
PREFIX ?= /usr/local
DESTDIR ?=
# What is installed and packed is a build of its own, with the Swift libraries in it, so that it runs without the toolchain. MARTLET
# names a program that was built before, and nothing is built then; CHECKOUTS are the sources of the packages it was built from.
release_options = -c $(CONFIGURATION) --scratch-path $(SCRATCH)-release $(build_flags) \
    --static-swift-stdlib --product martlet
MARTLET ?=
CHECKOUTS ?= $(SCRATCH)-release/checkouts
release_program = "$${MARTLET:-$$(swift build $(release_options) --show-bin-path)/martlet}"

release:
	@[[ -n '$(MARTLET)' ]] || { Tools/bootstrap.sh --system --swift; \
	    Tools/quiet-build.sh 'martlet for release' '$(SCRATCH)-release/build.log' $(release_options); }

install: export MARTLET := $(MARTLET)
install: release ## installs the command, its completions and manual pages under PREFIX (/usr/local)
	@DESTDIR='$(DESTDIR)' Tools/package/install.sh $(release_program) '$(PREFIX)'

package: export MARTLET := $(MARTLET)
package: release ## packs a tarball, a Debian package and an SBOM into packages/
	@Tools/package/package.sh $(release_program) '$(CHECKOUTS)' packages

clean: ## removes what was built here
	rm -rf .build .build-examples .build-examples-service .build-fuzz .build-thread .build-address .build-micro .build-gpu-check .build-release .build-venv Benchmarks/Micro/.build \
	    gpu-check packages martlet-demo

bootstrap: ## installs what is missing (see Tools/bootstrap.sh)
	@Tools/bootstrap.sh
