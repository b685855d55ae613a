# Tests and tools. Each target sets up what it lacks inside the checkout; where a system package
# is missing, the script that needs it installs it and says so.

CARGO ?= cargo
CARGO_DENY_VERSION = 0.20.2

.PHONY: help install test tools test-rust test-native test-python test-sdks check deny generate bench clean

help:
	@echo "make install      the C library, its headers, knock.pc and a CMake package; PREFIX=/usr/local DESTDIR="
	@echo "make test         every test: Rust, C, C++, Python"
	@echo "make test-rust    the library, the sandbox and the generator"
	@echo "make test-native  C and C++ programs, also under valgrind"
	@echo "make test-python  the Python package"
	@echo "make test-sdks    Knock's own Python and Node packages against the sandbox and the library"
	@echo "make check        formatting and lints"
	@echo "make deny         what the dependencies may be"
	@echo "make generate     rewrites the generated files"
	@echo "make bench        the side-by-side measurements"
	@echo "make clean        removes what was built"

install: export PREFIX := $(PREFIX)
install: export DESTDIR := $(DESTDIR)
install: export LIBDIR := $(LIBDIR)
install: export INCLUDEDIR := $(INCLUDEDIR)
install: export PROFILE := $(PROFILE)
install:
	@capi/install

test: tools test-rust test-native test-python

# What the rest needs and cannot install for itself.
tools:
	@command -v $(CARGO) >/dev/null || { echo "make test needs Rust: install it from https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "make test needs a C compiler, such as Debian's package gcc" >&2; exit 1; }
	@command -v python3 >/dev/null || { echo "make test needs Python 3.10 or later, such as Debian's package python3" >&2; exit 1; }

test-rust:
	$(CARGO) test --workspace

test-native:
	tests/native/run

test-python:
	bindings/python/run-tests

test-sdks:
	sandbox/sdk-tests/run

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

deny:
	@$(CARGO) deny --version >/dev/null 2>&1 || { \
		echo "installing cargo-deny $(CARGO_DENY_VERSION), which takes some minutes"; \
		CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
			$(CARGO) install --quiet --locked cargo-deny --version $(CARGO_DENY_VERSION); }
	$(CARGO) deny --workspace check bans licenses sources

generate:
	$(CARGO) run --quiet -p knock-generate

bench:
	benches/compare/run

clean:
	$(CARGO) clean
	rm -rf build
