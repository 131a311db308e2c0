# A thin door to Meson. `make help` lists the doors; tools/build knows the configurations.
T ?= 30
PREFIX ?= /usr/local
.DEFAULT_GOAL := build
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

help:           ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

build:          ## build/incamera, build/incamerad
	@tools/setup run
	@tools/build gcc

run: build      ## a server with a demo meeting on this machine
	@tools/run

test:           ## all unit and system tests
	@tools/setup test
	@tools/build gcc
	@tools/build hooks
	@tools/run-tests build/gcc:unit,large build/hooks:system,hostile

test-browser:   ## the web client in Chromium and Firefox
	@tools/setup browser
	@tools/build gcc
	@tools/test-browser

test-wasm:      ## the unit tests of the pure libraries as WASM under node
	@tools/setup browser
	@tools/wasm test

test-interop:   ## random scripts with OpenMLS, mls-rs and ts-mls
	@tools/setup interop
	@tools/build gcc tests/interop/mls-interop
	@tools/run-tests -v build/gcc:interop

demo:           ## a whole meeting without a screen, proved: build/demo.json
	@tools/setup test
	@tools/build hooks
	@tools/demo build/hooks build/demo.json

bench: build    ## measure: build/bench.json, build/bench-openssl.json, build/bench-web.json
	@tools/build openssl
	@tools/bench build/openssl build/bench-openssl.json crypto mls pki sframe
	@tools/bench build/gcc build/bench.json crypto mls pki merkle sframe together identity-ca
	@$(MAKE) bench-web

bench-web:      ## measure the web client in Chromium: build/bench-web.json
	@tools/setup browser
	@tools/build gcc
	@! command -v emcc >/dev/null || tools/build wasm web/wasm/bench_frames.wasm
	@tools/test-browser --bench build/bench-web.json

load: build     ## measure: 10,000 enrolments, 1000 verified people in one meeting: build/load.json
	@tools/load build/gcc build/load.json

bench-media: build ## measure the media wire: build/bench-media.json
	@tools/bench build/gcc build/bench-media.json rtc sfu

check:          ## layers, purity, headers, hooks, format
	@tools/setup dev
	@tools/build gcc
	@tools/check/all

docs:           ## the API pages and the guide of the MLS library: build/docs/index.html
	@tools/setup dev
	@tools/docs

fuzz:           ## every decoder for T=30 seconds
	@tools/setup dev
	@tools/build fuzz fuzzers
	@tools/fuzz build/fuzz $(T)

consttime:      ## no branch and no index depends on a secret (valgrind)
	@tools/setup dev
	@tools/consttime

format:         ## let clang-format have its way
	@git ls-files '*.[ch]' | xargs -r clang-format -i

install: build  ## install to PREFIX (/usr/local), below DESTDIR
	@meson configure build/gcc -Dprefix=$(abspath $(PREFIX))
	@meson install -C build/gcc --tags runtime,man,systemd $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))

install-mls:    ## install the MLS library alone: headers, libraries, pkg-config files
	@tools/setup mls
	@tools/build mls
	@meson configure build/mls -Dprefix=$(abspath $(PREFIX))
	@meson install -C build/mls --quiet --tags mls,devel \
		$(if $(DESTDIR),--destdir $(abspath $(DESTDIR))) >build/install-mls.log || { cat build/install-mls.log; exit 1; }
	@echo "installed below $(DESTDIR)$(abspath $(PREFIX)): pkg-config --cflags --libs incamera-mls"

clean:          ## remove everything that was built here
	@rm -rf build

.PHONY: help build run test test-browser test-wasm test-interop demo bench bench-media bench-web load check docs consttime fuzz format install install-mls clean
