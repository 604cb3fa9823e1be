# What .ci/run does, a step at a time; `make rename MODULE=...` moves the module.

GO       ?= go
FUZZTIME ?= 10
PACKAGES ?= ./...

.PHONY: check race invariants fuzz bench results axes measured-code charts fresh rename

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
# A rehearsal of all of it in a few minutes: make results SIZES=1k,10k MANY=100k MAXIMA=1M HIGHEST=1M SPACES=1k ROUNDS=3 SWEEP=-quick
RUNS     := testdata/runs
CHARTS   := docs
BENCHCMP  = $(CURDIR)/$(RUNS)/benchcmp
ROUNDS   ?= 6
SIZES    ?= 10k,30k,100k,300k,1M
MANY     ?= 1M
MAXIMA   ?= 1M,4M
HIGHEST  ?= 4M
SPACES   ?= 10k
MEASURE   = $(BENCHCMP) run -rounds $(ROUNDS) -benchtime 20ms -timeout 5m -odd -reverse
OURS     := registry=tree+table
EVERY    := registry=tree+hash,idr,table,tree+table,tree+table+again
SWEPT    := density=25/threads=1
CHURNED  := order=churned/$(SWEPT)/churn=10
MEASURED  = $(foreach d,alloc nextpidmap pidns bench,$(d)=$(shell git ls-tree -r HEAD $(d) | grep -v '$(if $(filter bench,$(d)),^$$,_test[.]go$$)' | git hash-object --stdin | cut -c1-12))

.NOTPARALLEL:
.PHONY: $(addprefix measure-,sweep q1 axes cold life q23 fill memory hosts peers peers4m locks pairs bytes counts floor)

results: measured-code $(addprefix measure-,sweep q1 axes cold life q23 fill memory hosts peers peers4m locks pairs bytes counts floor) ## measure again all that the documents say (about half an hour on an idle machine)
	$(MAKE) --no-print-directory charts
	rm -f $(BENCHCMP)
	sed -i 's|^<!-- measured: .*|<!-- measured: $(MEASURED) -->|' docs/results.md README.md
	$(GO) run ./cmd/benchcmp readme -w README.md docs/results.md

axes: measured-code measure-axes measure-cold ## measure again what would change the answer to the question of 2007
	rm -f $(BENCHCMP)

measured-code:
	@test -z "$$(git status --porcelain -- alloc nextpidmap pidns bench cmd)" || { echo "commit first: a run names its commit" >&2; exit 2; }
	mkdir -p $(RUNS) && $(GO) build -o $(BENCHCMP) ./cmd/benchcmp

measure-sweep: measured-code # the main job as anybody runs it: the walk of 2007 against the list, ours and Linux 2.6.22
	rm -f $(RUNS)/sweep.txt
	$(BENCHCMP) sweep -report=false -seed 1 $(SWEEP) -o $(RUNS)/sweep.txt

measure-q1: measured-code # every sweep by size, as forked and after ten exits and forks a task; walk and batch once more
	rm -f $(RUNS)/q1.txt
	$(MEASURE) -seed 2 -side sweep -o $(RUNS)/q1.txt \
		-cells Sweep/$(OURS)/n=$(SIZES)/order=fresh,churned/$(SWEPT)/churn=10/sweep=walk,batch,parallel,list,array,walk+again,batch+again ./bench

measure-axes: measured-code # what would change the answer: density, threads, depth, strangers, bigger tasks
	rm -f $(RUNS)/axes.txt
	$(MEASURE) -seed 3 -side sweep -o $(RUNS)/axes.txt \
		-cells Sweep/$(OURS)/n=100k/order=churned/density=100,9,1/threads=1/churn=10/sweep=walk,batch,list,array,walk+again,batch+again \
		-cells Sweep/$(OURS)/n=100/order=churned/density=0.0025/threads=1/churn=10/sweep=walk,batch,list,array,walk+again,batch+again \
		-cells Sweep/$(OURS)/n=100k/order=churned/density=25/threads=16/churn=10/sweep=walk,batch,list,array,leaders,walk+again,batch+again \
		-cells Sweep/$(OURS)/n=100k/$(CHURNED)/depth=4/sweep=walk,batch,list,array,walk+again,batch+again \
		-cells Sweep/$(OURS)/n=10k/$(CHURNED)/strangers=10x/sweep=walk,batch,list,array,global,walk+again,batch+again \
		-cells Sweep/$(OURS)/n=$(MANY)/order=churned/$(SWEPT)/churn=3/stride=256,1024/sweep=walk,batch,list,array,walk+again,batch+again ./bench

measure-cold: measured-code # the same with the caches displaced before each sweep, which takes longer than the sweep: by count
	rm -f $(RUNS)/cold.txt
	$(MEASURE) -benchtime 20x -seed 9 -side sweep -o $(RUNS)/cold.txt \
		-cells Sweep/$(OURS)/n=1k,10k,100k/$(CHURNED)/cache=cold/sweep=walk,batch,list,array,walk+again,batch+again ./bench

measure-life: measured-code # the whole: what lists cost at fork and exit, zap, freeze, checkpoint, and who survives
	rm -f $(RUNS)/life.txt
	$(MEASURE) -seed 5 -side sweep -side deed -side lists -side protocol -o $(RUNS)/life.txt \
		-cells ForkExit/$(OURS)/n=32k,1M/deed=pair,newest,random \
		-cells ForkExit/registry=paged+hash,tree+hash,idr,table/n=32k/deed=pair,newest,random \
		-cells Upkeep/$(OURS)/n=100k/depth=1,4,32/lists=none,list,array,leaders,none+again \
		-cells Upkeep/registry=paged+hash,tree+hash,idr,table/n=10k/depth=1,4,32/lists=none,list,array,leaders \
		-cells Life/$(OURS)/n=100k/lists=none,list,none+again \
		-cells Zap/$(OURS)/n=100k/order=fresh,churned/$(SWEPT)/sweep=walk,batch,list,array,walk+again \
		-cells Freeze/$(OURS)/n=100k/order=churned/$(SWEPT)/sweep=walk,batch,list,array,walk+again \
		-cells Checkpoint/$(OURS)/n=100k/order=churned/$(SWEPT)/sweep=walk,batch,list,array,walk+again \
		-cells Protocol/tasks=100,1k/protocol=2007,resend,count ./bench

# At 1M the 4,096 chains of paged+hash are 256 long, and making a population takes minutes: left out there.
measure-q23: measured-code # every registry in one run: fork and exit, lookup, life, zap, walk, batch; ours once more
	rm -f $(RUNS)/q23.txt
	$(MEASURE) -seed 4 -side registry -o $(RUNS)/q23.txt \
		-cells Upkeep/registry=paged+hash,tree+hash,idr,table,tree+table,tree+table+again/n=100k/lists=none \
		-cells Lookup/registry=paged+hash,tree+hash,idr,table,tree+table,tree+table+again/n=10k,100k \
		-cells Lookup/$(EVERY)/n=$(MANY) \
		-cells Life/registry=paged+hash,tree+hash,idr,table,tree+table,tree+table+again/n=100k/lists=none \
		-cells Zap/registry=paged+hash,tree+hash,idr,table,tree+table,tree+table+again/n=100k/order=churned/$(SWEPT)/sweep=walk \
		-cells Sweep/registry=paged+hash,tree+hash,idr,table,tree+table,tree+table+again/n=10k,100k/order=fresh,churned/$(SWEPT)/sweep=walk,batch \
		-cells Sweep/$(EVERY)/n=$(MANY)/order=churned/$(SWEPT)/sweep=walk \
		-cells Sweep/registry=idr,tree+table,tree+table+again/n=$(MANY)/order=churned/$(SWEPT)/sweep=batch ./bench

measure-fill: measured-code # fork and exit by how full the namespace is, every registry in one run
	rm -f $(RUNS)/fill.txt
	$(MEASURE) -seed 10 -side registry -o $(RUNS)/fill.txt \
		-cells ForkChurn/registry=paged+hash,tree+hash,idr,table,tree+table,tree+table+again/max=32k/fill=50,99 \
		-cells ForkChurn/$(EVERY)/max=$(MAXIMA)/fill=50,99 ./bench

measure-memory: measured-code # bytes a task and a namespace
	rm -f $(RUNS)/memory.txt
	$(MEASURE) -rounds 10 -seed 8 -side registry -o $(RUNS)/memory.txt \
		-cells TaskMemory/registry=paged+hash,tree+hash,idr,table,tree+table/n=100k/lists=none \
		-cells NamespaceMemory/registry=paged+hash,tree+hash,idr,table,tree+table ./bench

measure-hosts: measured-code # a host of a million tasks, and one of 10,000 namespaces, made, churned and zapped: bytes, so once
	rm -f $(RUNS)/hosts.txt
	$(BENCHCMP) run -rounds 1 -benchtime 1x -timeout 10m -seed 14 -side registry -o $(RUNS)/hosts.txt \
		-cells Host/registry=tree+hash,idr,table,tree+table/namespaces=1/n=$(MANY) \
		-cells Host/registry=tree+hash,idr,table,tree+table/namespaces=$(SPACES)/n=100 ./bench

# Many stand beside one another in a table, so more rounds: p is of all of them together.
BESIDE    = $(BENCHCMP) run -rounds $(shell echo $$((2 * $(ROUNDS)))) -timeout 10m -odd -reverse -side impl
BITMAPS  := bitset,bitset+pidmap,gvisor,flat,roaring+used,roaring+free,roaring+pidmap
measure-peers: measured-code # the allocator beside what a Go program might use in its place
	rm -f $(RUNS)/peers.txt
	cd bench/peers && $(BESIDE) -benchtime 30ms -seed 6 -o ../../$(RUNS)/peers.txt \
		-cells Churn/max=32k,1M/fill=50,99,99.99,onefree/impl=harness,oracle,tree,tree+bare,paged,idr,table,$(BITMAPS),btree,intsets,map,lifo,channel \
		-cells Churn/max=$(HIGHEST)/fill=50,99,99.99,onefree/impl=harness,oracle,tree,bitset,bitset+pidmap,gvisor,flat,roaring+pidmap,lifo \
		-cells Next/density=100,10,1,0.01,clustered/impl=harness,tree,paged,idr,table,sharded,bitset,bitset+pidmap,gvisor,roaring,roaring+pidmap,btree,map \
		-cells Bulk/density=100,10,1,0.01,clustered/impl=harness,tree,tree+batches,paged,idr,table,sharded,bitset,gvisor,roaring,btree \
		-cells Fill/max=32k,1M/impl=harness,tree,tree+bare,paged,idr,table,$(BITMAPS),btree,map,lifo,channel

measure-peers4m: measured-code # the same pairs among 4M numbers
	rm -f $(RUNS)/peers4m.txt
	cd bench/peers && $(BESIDE) -benchtime 30ms -seed 15 -o ../../$(RUNS)/peers4m.txt \
		-cells Churn/max=$(HIGHEST)/fill=50,99,99.99,onefree/impl=harness,oracle,tree,tree+bare,paged,idr,table,$(BITMAPS),btree,intsets,map,lifo,channel

measure-locks: measured-code # the same behind a lock; harness+lock is a lock and unlock around each call and nothing else
	rm -f $(RUNS)/locks.txt
	cd bench/peers && $(BESIDE) -benchtime 30ms -seed 12 -o ../../$(RUNS)/locks.txt \
		-cells Churn/max=32k,1M/fill=50,99,99.99,onefree/impl=harness,harness+lock,tree+lock,tree+shared,sharded,local,channel

measure-pairs: measured-code # two goroutines beside one
	rm -f $(RUNS)/pairs.txt
	cd bench/peers && $(BESIDE) -benchtime 200ms -seed 7 -o ../../$(RUNS)/pairs.txt \
		-cells Pair/max=1M/fill=50,99/impl=one+shared,two+apart,two+shared,two+sharded,two+local,two+channel \
		-cells PairMixed/max=1M/fill=50/impl=one+shared,two+apart,two+shared,two+sharded,two+local

measure-bytes: measured-code # bytes of an allocator: nothing that varies, so once
	rm -f $(RUNS)/bytes.txt
	cd bench/peers && $(BENCHCMP) run -rounds 1 -benchtime 1x -timeout 10m -seed 13 -side impl -o ../../$(RUNS)/bytes.txt \
		-cells Bytes/max=32k,$(HIGHEST)/held=none,one,half,churned,full/impl=tree,paged,idr,table,tree+shared,sharded,$(BITMAPS),btree,intsets,map,lifo,channel

measure-counts: # what a pair does, counted below valgrind: needs no quiet machine, and the simulated one is always the same
	cd bench/peers && $(GO) test -timeout 30m -run TestCounts -counts ../../$(RUNS)/counts.txt .

measure-floor: measured-code # A/A by two processes: what noise alone shows where a process of its own measures each side
	rm -f $(RUNS)/floor.txt
	$(BENCHCMP) floor -rounds $(ROUNDS) -benchtime 20ms -timeout 5m -seed 11 -side sweep -side lists -w $(RUNS)/floor.json -o $(RUNS)/floor.txt \
		-cells Sweep/$(OURS)/n=10k,100k/order=fresh,churned/$(SWEPT)/sweep=walk,list \
		-cells Upkeep/$(OURS)/n=100k/lists=none,list ./bench

charts: ## draw docs/results.md's pictures from the runs
	$(GO) run ./cmd/benchcmp plot -filter .name:Sweep -columns 2 -o $(CHARTS)/q1-walk.svg $(RUNS)/sweep.txt
	$(GO) run ./cmd/benchcmp plot -side sweep=batch,list -columns 2 -o $(CHARTS)/q1-batch.svg $(RUNS)/q1.txt
	$(GO) run ./cmd/benchcmp plot -side registry=table,idr -filter '.name:Sweep sweep:walk' -columns 2 -o $(CHARTS)/q2-walk.svg $(RUNS)/q23.txt
	$(GO) run ./cmd/benchcmp plot -side registry=tree+table,idr -filter '.name:Sweep sweep:batch' -columns 2 -o $(CHARTS)/q3-batch.svg $(RUNS)/q23.txt

fresh: ## fail where the documents speak of other code, or say or draw other than their runs
	@for doc in README.md docs/results.md; do grep -qF '<!-- measured: $(MEASURED) -->' $$doc || { \
		echo "$$doc: its figures are of other code than this; make results"; exit 1; }; done
	$(GO) run ./cmd/benchcmp readme -check README.md docs/results.md
	@new=$$(mktemp -d) && trap 'rm -rf "$$new"' EXIT && $(MAKE) --no-print-directory charts CHARTS=$$new >/dev/null && \
		for chart in $$new/*.svg; do cmp -s $$chart docs/$$(basename $$chart) || { \
		echo "docs/$$(basename $$chart) is not what its run says; make charts"; exit 1; }; done

rename: ## give the module another path: make rename MODULE=example.org/you/pidmap
	@test -n "$(MODULE)" || { echo "usage: make rename MODULE=example.org/you/pidmap" >&2; exit 2; }
	@set -e; old=$$($(GO) list -m); \
	git ls-files -z -- '*.go' '*.md' '*.txt' '*.golden' 'Makefile' '.ci/run' '*go.mod' \
		| xargs -0 grep -lZF "$$old" | xargs -0 -r sed -i "s|$$(printf %s "$$old" | sed 's/[.]/[.]/g')|$(MODULE)|g"; \
	$(GO) build ./... && echo "$$old is now $(MODULE)"
