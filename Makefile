# What .ci/run does, a step at a time; `make rename MODULE=...` moves the module.

GO       ?= go
FUZZTIME ?= 10
PACKAGES ?= ./...

.PHONY: check race invariants fuzz bench results axes fresh rename

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

# By a count that grows fourfold until the time is over: a -fuzztime in seconds can end in "context deadline exceeded" with
# nothing found (golang/go#75804, mended in Go 1.27 only).
fuzz: ## each fuzz target for FUZZTIME seconds or somewhat longer
	@set -e; for package in $$($(GO) list $(PACKAGES)); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			runs=1000; end=$$(($$(date +%s) + $(FUZZTIME))); \
			while [ $$(date +%s) -lt $$end ]; do \
				$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $${runs}x -fuzzminimizetime 1x $$package; \
				runs=$$((runs * 4)); \
			done; \
		done; \
	done

bench: ## a short pass of every benchmark
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 20m ./bench/...
	cd bench/peers && $(GO) vet ./... && $(GO) test -run . -bench . -benchtime 1x

# What docs/results.md and the README say was measured: a raw run a question.
# MEASURED is the code that the figures are of: its git trees, without the tests.
RUNS     := testdata/runs
BENCHCMP  = $(CURDIR)/$(RUNS)/benchcmp
ROUNDS   ?= 6
MEASURE   = $(BENCHCMP) run -rounds $(ROUNDS) -benchtime 20ms -timeout 5m -odd -reverse
SIZES    := 10k,30k,100k,300k,1M
SWEPT    := density=25/threads=1
MEASURED  = $(foreach d,alloc nextpidmap pidns bench,$(d)=$(shell git ls-tree -r HEAD $(d) | grep -v '$(if $(filter bench,$(d)),^$$,_test[.]go$$)' | git hash-object --stdin | cut -c1-12))

results: ## measure again all that the documents say (about 15 minutes on an idle machine)
	@test -z "$$(git status --porcelain -- alloc nextpidmap pidns bench cmd)" || { echo "commit first: a run names its commit" >&2; exit 2; }
	rm -rf $(RUNS) && mkdir -p $(RUNS) && $(GO) build -o $(BENCHCMP) ./cmd/benchcmp
	$(BENCHCMP) sweep -report=false -seed 1 -o $(RUNS)/sweep.txt
	$(MEASURE) -seed 2 -side sweep -o $(RUNS)/q1.txt \
		-cells Sweep/registry=tree+table/n=$(SIZES)/order=fresh,churned/$(SWEPT)/churn=10/sweep=walk,batch,parallel,list,array ./bench
	$(MEASURE) -seed 4 -side registry -o $(RUNS)/q23.txt \
		-cells Upkeep/registry=paged+hash,tree+hash,idr,table,tree+table/n=100k/lists=none \
		-cells Upkeep/registry=tree+hash,idr,table,tree+table/n=1M/lists=none \
		-cells Life/registry=paged+hash,tree+hash,idr,table,tree+table/n=100k/lists=none \
		-cells Zap/registry=paged+hash,tree+hash,idr,table,tree+table/n=100k/order=churned/$(SWEPT)/sweep=walk \
		-cells Sweep/registry=paged+hash,tree+hash,idr,table,tree+table/n=10k,100k/order=churned/$(SWEPT)/sweep=walk \
		-cells Sweep/registry=tree+hash,idr,table,tree+table/n=1M/order=churned/$(SWEPT)/sweep=walk ./bench
	$(MEASURE) -seed 5 -side sweep -side deed -side lists -side protocol -o $(RUNS)/life.txt \
		-cells ForkExit/registry=tree+table/n=32k,1M/deed=pair,newest,random \
		-cells Upkeep/registry=tree+table/n=100k/depth=1,4,32/lists=none,list,array,leaders \
		-cells Zap/registry=tree+table/n=100k/order=fresh,churned/$(SWEPT)/sweep=walk,batch,list,array \
		-cells Freeze/registry=tree+table/n=100k/order=churned/$(SWEPT)/sweep=walk,batch,list,array \
		-cells Checkpoint/registry=tree+table/n=100k/order=churned/$(SWEPT)/sweep=walk,batch,list,array \
		-cells Protocol/tasks=1k/protocol=2007,resend,count ./bench
	$(MEASURE) -seed 8 -side registry -o $(RUNS)/memory.txt \
		-cells TaskMemory/registry=paged+hash,tree+hash,idr,table,tree+table/n=100k/lists=none \
		-cells NamespaceMemory/registry=paged+hash,tree+hash,idr,table,tree+table ./bench
	cd bench/peers && $(MEASURE) -seed 6 -side impl -o $(CURDIR)/$(RUNS)/peers.txt \
		-cells Churn/max=32k,1M/fill=50,99,99.99,onefree/impl=harness,tree,bitset,bitset+pidmap,gvisor,roaring+pidmap,lifo \
		-cells Churn/max=4M/fill=50,99/impl=harness,tree,bitset+pidmap,gvisor \
		-cells Next/density=100,10,1,0.01/impl=harness,tree,bitset,gvisor \
		-cells Bulk/density=100,10,1,0.01,clustered/impl=harness,tree,bitset,roaring
	cd bench/peers && $(MEASURE) -benchtime 300ms -seed 7 -side impl -o $(CURDIR)/$(RUNS)/pairs.txt \
		-cells Pair/max=1M/fill=50/impl=one+shared,two+apart,two+shared,two+sharded,two+local
	rm -f $(BENCHCMP)
	sed -i 's|^<!-- measured: .*|<!-- measured: $(MEASURED) -->|' docs/results.md README.md
	$(GO) run ./cmd/benchcmp readme -w README.md docs/results.md

axes: ## measure how bigger tasks, cold caches, density, threads and depth change the sweeps
	mkdir -p $(RUNS) && $(GO) build -o $(BENCHCMP) ./cmd/benchcmp
	$(MEASURE) -seed 3 -side sweep -o $(RUNS)/axes.txt \
		-cells Sweep/registry=tree+table/n=1M/order=churned/$(SWEPT)/churn=3/stride=256,1024/sweep=walk,batch,list,array \
		-cells Sweep/registry=tree+table/n=1k,10k,100k/order=churned/$(SWEPT)/churn=10/cache=cold/sweep=walk,batch,list,array \
		-cells Sweep/registry=tree+table/n=100k/order=churned/density=9,1/threads=1/churn=10/sweep=walk,batch,list,array \
		-cells Sweep/registry=tree+table/n=100/order=churned/density=0.0025/threads=1/churn=10/sweep=walk,batch,list,array \
		-cells Sweep/registry=tree+table/n=100k/order=churned/density=25/threads=16/churn=10/sweep=batch,list,leaders \
		-cells Sweep/registry=tree+table/n=100k/order=churned/$(SWEPT)/churn=10/depth=4/sweep=walk,batch,list,array \
		-cells Sweep/registry=tree+table/n=100k/order=churned/$(SWEPT)/churn=10/strangers=1x/sweep=walk,list,global ./bench
	rm -f $(BENCHCMP)

fresh: ## fail where the documents speak of other code, or say other than their runs
	@for doc in README.md docs/results.md; do grep -qF '<!-- measured: $(MEASURED) -->' $$doc || { \
		echo "$$doc: its figures are of other code than this; make results"; exit 1; }; done
	$(GO) run ./cmd/benchcmp readme -check README.md docs/results.md

rename: ## give the module another path: make rename MODULE=example.org/you/pidmap
	@test -n "$(MODULE)" || { echo "usage: make rename MODULE=example.org/you/pidmap" >&2; exit 2; }
	@set -e; old=$$($(GO) list -m); \
	git ls-files -z -- '*.go' '*.md' '*.txt' '*.golden' 'Makefile' '.ci/run' '*go.mod' \
		| xargs -0 grep -lZF "$$old" | xargs -0 -r sed -i "s|$$(printf %s "$$old" | sed 's/[.]/[.]/g')|$(MODULE)|g"; \
	$(GO) build ./... && echo "$$old is now $(MODULE)"
