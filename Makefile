# What .ci/run does, a step at a time; `make rename MODULE=...` moves the module.

GO       ?= go
FUZZTIME ?= 10s
PACKAGES ?= ./...

.PHONY: check race invariants fuzz bench rename

check: ## the tests, vet, staticcheck, and that it builds elsewhere
	$(GO) test $(PACKAGES)
	$(GO) vet $(PACKAGES)
	GOARCH=arm64 $(GO) vet $(PACKAGES)
	$(GO) tool staticcheck $(PACKAGES)
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }

race: ## the tests under the race detector
	$(GO) test -race $(PACKAGES)

invariants: ## the tests with every structure checked after every change
	$(GO) test -tags pidmap_invariants $(PACKAGES)

fuzz: ## each fuzz target for FUZZTIME
	@set -e; for package in $$($(GO) list $(PACKAGES)); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

bench: ## a short pass of every benchmark
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 20m ./bench/...
	cd bench/peers && $(GO) vet ./... && $(GO) test -run . -bench . -benchtime 1x

rename: ## give the module another path: make rename MODULE=example.org/you/pidmap
	@test -n "$(MODULE)" || { echo "usage: make rename MODULE=example.org/you/pidmap" >&2; exit 2; }
	@set -e; old=$$($(GO) list -m); \
	git ls-files -z -- '*.go' '*.md' '*.txt' '*.golden' 'Makefile' '.ci/run' '*go.mod' \
		| xargs -0 grep -lZF "$$old" | xargs -0 -r sed -i "s|$$(printf %s "$$old" | sed 's/[.]/[.]/g')|$(MODULE)|g"; \
	$(GO) build ./... && echo "$$old is now $(MODULE)"
