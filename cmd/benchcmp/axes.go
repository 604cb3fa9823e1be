package main

// A question is a named selection of what bench can measure: the whole product of its axes would take days, and most of
// it answers nothing. To add to one, add a part.
type question struct {
	name  string
	asks  string
	parts []part
}

// A part is cells that belong together, why they are measured, and what is compared in them.
type part struct {
	why     string
	cells   []string // axes expressions
	side    string   // the key whose values one process measures in turn
	against []versus // none: the medians are shown
}

// A versus is one table over a part's cells.
type versus struct{ side, unit string }

// publishedChurn are the arguments of every selection: 10 exits and forks a task, where bench does 3 by default.
var publishedChurn = []string{"-churn=10"}

const (
	someSizes = "10k,100k,1M"
	crowds    = "/max=32k,1M,4M/fill=50,99"
	sweptFour = "walk,batch,list,array"
	usual     = "/density=25/threads=1/"
)

var (
	walkList  = versus{"sweep=walk,list", "ns/pid"}
	batchList = versus{"sweep=batch,list", "ns/pid"}
	sweptBy   = []versus{walkList, batchList, {"sweep=batch,array", "ns/pid"}}
	heldFor   = []versus{{"sweep=walk,list", "max-hold-ns"}, {"sweep=batch,list", "max-hold-ns"}}
)

// questions are what -axes knows.
var questions = []question{
	{"q1", "2007: does a task list end a namespace more cheaply than a walk of its numbers, upkeep included?", []part{
		{"the question itself: by size, as forked and after churn, on ours and on today's Linux; on Linux 2.6.22 as far as its chains allow; " +
			"on every processor too, which a list cannot have, and once more, which shows the noise",
			[]string{
				"Sweep/registry=tree+table,idr/n=" + sweepSizes + "/order=fresh,churned" + usual + "sweep=" + sweptFour + ",parallel,walk+again,batch+again",
				"Sweep/registry=paged+hash/n=" + pagedSizes + "/order=fresh,churned" + usual + "sweep=" + sweptFour + ",parallel,walk+again,batch+again",
			}, "sweep", append(append(sweptBy, heldFor...), versus{"sweep=batch,parallel", "ns/pid"},
				versus{"sweep=walk,walk+again", "ns/pid"}, versus{"sweep=batch,batch+again", "ns/pid"})},
		{"what a list costs at each fork and exit, whether or not it is ever swept",
			[]string{
				"Upkeep/registry=tree+table,idr/n=" + sweepSizes + "/lists=none,list,array",
				"Upkeep/registry=paged+hash/n=" + pagedSizes + "/lists=none,list,array",
			}, "lists", []versus{{"lists=none,list", "ns/pair"}, {"lists=none,array", "ns/pair"}}},
		{"a whole life, in which a list's upkeep is a smaller share",
			[]string{"Life/registry=tree+table/n=100k/lists=none,list"}, "lists", []versus{{"lists=none,list", "ns/life"}}},
		{"density: a walk passes the numbers between tasks, a list does not",
			[]string{
				"Sweep/registry=tree+table/n=100k/order=fresh,churned/density=100,9,1/threads=1/sweep=walk,batch,list",
				"Sweep/registry=tree+table/n=100/order=churned/density=0.0025/threads=1/sweep=walk,batch,list",
			}, "sweep", []versus{walkList, batchList}},
		{"threads: a list of leaders marks processes, where the walk meets every thread",
			[]string{"Sweep/registry=tree+table/n=100k/order=churned/density=25/threads=16/sweep=walk,list,leaders"},
			"sweep", []versus{walkList, {"sweep=walk,leaders", "ns/pid"}}},
		{"cold caches: a namespace that is ended was not swept a moment ago",
			[]string{"Sweep/registry=tree+table/n=10k,100k/order=fresh,churned" + usual + "cache=cold/sweep=" + sweptFour}, "sweep", sweptBy},
		{"stride: tasks as large as real ones share no cache lines and fewer pages",
			[]string{"Sweep/registry=tree+table/n=100k,1M/order=churned" + usual + "stride=256,1024/sweep=" + sweptFour}, "sweep", sweptBy},
		{"depth: a task in nested namespaces has a number at each level",
			[]string{"Sweep/registry=tree+table/n=100k/order=churned" + usual + "depth=4/sweep=walk,batch,list"}, "sweep", []versus{walkList, batchList}},
		{"one list of the whole host, filtered, as kill(-1) has it, beside ten times as many strangers",
			[]string{"Sweep/registry=tree+table/n=10k/order=churned" + usual + "strangers=10x/sweep=walk,list,global"},
			"sweep", []versus{walkList, {"sweep=walk,global", "ns/pid"}}},
		{"the whole end of a namespace, of which the sweep is a share (mark-ns/pid)",
			[]string{"Zap/registry=tree+table/n=10k,100k/order=churned" + usual + "sweep=walk,list"},
			"sweep", []versus{walkList, {"sweep=walk,list", "mark-ns/pid"}}},
		{"freezing, the other half of the TODO",
			[]string{"Freeze/registry=tree+table/n=10k,100k/order=churned" + usual + "sweep=walk,list"},
			"sweep", []versus{walkList, {"sweep=walk,list", "thaw-ns/pid"}}},
		{"checkpointing, as it rests on freezing",
			[]string{"Checkpoint/registry=tree+table/n=10k,100k/order=churned" + usual + "sweep=walk,list"}, "sweep", []versus{walkList}},
		{"who survives: the patch as posted, the reviewer's remedy and a count, under the same fork storms",
			[]string{"Protocol/tasks=100,1k/protocol=2007,resend,count"}, "protocol", nil},
	}},
	{"q2", "2018: does a FIFO pid table beat the radix tree?", []part{
		{"a fork, an exit and the reaping of a random task, which is what a pid structure is for",
			[]string{"Upkeep/registry=idr,table/n=" + someSizes + "/lists=none"}, "registry", []versus{{"registry=idr,table", "ns/pair"}}},
		{"the same by how full the namespace is",
			[]string{"ForkChurn/registry=idr,table" + crowds}, "registry", []versus{{"registry=idr,table", "ns/pair"}}},
		{"a task by its number", []string{"Lookup/registry=idr,table/n=" + someSizes}, "registry", []versus{{"registry=idr,table", "ns/lookup"}}},
		{"a whole life, lookup by number included",
			[]string{"Life/registry=idr,table/n=100k/lists=none"}, "registry", []versus{{"registry=idr,table", "ns/life"}}},
		{"numbers alone: all of them out, and back in a random order",
			[]string{"Fill/allocator=idr,table/max=32k,1M,4M"}, "allocator",
			[]versus{{"allocator=idr,table", "fill-ns/pid"}, {"allocator=idr,table", "drain-ns/pid"}}},
		{"several goroutines at one lock",
			[]string{"Pair/allocator=idr+shared,table+shared/max=1M/fill=50/goroutines=1,2"}, "allocator", []versus{{"allocator=idr+shared,table+shared", "ns/pair"}}},
		{"the walk, which in a table is a pass over its slots",
			[]string{"Sweep/registry=idr,table/n=" + someSizes + "/order=fresh,churned" + usual + "sweep=walk"}, "registry", []versus{{"registry=idr,table", "ns/pid"}}},
		{"bytes a task", []string{"TaskMemory/registry=idr,table/n=100k/lists=none"}, "registry", []versus{{"registry=idr,table", "B/task"}}},
	}},
	{"q3", "2025: does a bitmap plus a pid-to-task index beat the radix tree for fork, exit and teardown?", []part{
		{"fork and exit, ours once more, on tasks of its own, which shows the noise",
			[]string{"Upkeep/registry=idr,tree+hash,tree+table,tree+table+again/n=" + someSizes + "/lists=none"},
			"registry", append(againstIDR("ns/pair"), versus{"registry=tree+table,tree+table+again", "ns/pair"})},
		{"fork and exit by how full the namespace is", []string{"ForkChurn/registry=idr,tree+hash,tree+table" + crowds}, "registry", againstIDR("ns/pair")},
		{"a task by its number", []string{"Lookup/registry=idr,tree+hash,tree+table/n=" + someSizes}, "registry", againstIDR("ns/lookup")},
		{"a whole life, lookup by number included", []string{"Life/registry=idr,tree+hash,tree+table/n=100k/lists=none"}, "registry", againstIDR("ns/life")},
		{"teardown: gate, sweep and every exit",
			[]string{"Zap/registry=idr,tree+hash,tree+table/n=10k,100k/order=churned" + usual + "sweep=walk"}, "registry", againstIDR("ns/pid")},
		{"the walk by itself",
			[]string{"Sweep/registry=idr,tree+hash,tree+table/n=" + someSizes + "/order=fresh,churned" + usual + "sweep=walk"}, "registry", againstIDR("ns/pid")},
		{"the set of numbers without an index: a random pid back, another out",
			[]string{"Churn/backend=idr,tree/max=32k,1M,4M/fill=50,99"}, "backend", []versus{{"backend=idr,tree", "ns/pair"}}},
		{"the set of numbers without an index: a walk of 1M numbers",
			[]string{"Next/backend=idr,tree/density=100,10,1,clustered"}, "backend", []versus{{"backend=idr,tree", "ns/pid"}}},
		{"bytes a task", []string{"TaskMemory/registry=idr,tree+hash,tree+table/n=100k/lists=none"}, "registry", againstIDR("B/task")},
	}},
	{"full", "every sweep on every registry, under each condition by itself: for a night", []part{
		{"by size", []string{
			"Sweep/registry=tree+table,tree+hash,idr,table/n=" + sweepSizes + ",4M/order=fresh,churned" + usual + "sweep=" + sweptFour + ",parallel",
			"Sweep/registry=paged+hash/n=" + pagedSizes + "/order=fresh,churned" + usual + "sweep=" + sweptFour + ",parallel",
		}, "sweep", append(append(sweptBy, heldFor...), versus{"sweep=batch,parallel", "ns/pid"})},
		{"upkeep", []string{
			"Upkeep/registry=tree+table,tree+hash,idr,table/n=" + sweepSizes + "/lists=none,list,array,leaders",
			"Upkeep/registry=paged+hash/n=" + pagedSizes + "/lists=none,list,array,leaders",
		}, "lists", []versus{{"lists=none,list", "ns/pair"}, {"lists=none,array", "ns/pair"}, {"lists=none,leaders", "ns/pair"}}},
		{"a whole life", []string{"Life/registry=tree+table,tree+hash,idr,table/n=" + someSizes + "/lists=none,list"}, "lists", []versus{{"lists=none,list", "ns/life"}}},
		{"density", []string{"Sweep/registry=tree+table,tree+hash,idr,table/n=10k,100k/order=fresh,churned/density=100,9,1/threads=1/sweep=" + sweptFour}, "sweep", sweptBy},
		{"threads", []string{"Sweep/registry=tree+table,idr/n=10k,100k/order=fresh,churned/density=25/threads=16/sweep=" + sweptFour + ",leaders"},
			"sweep", append(sweptBy, versus{"sweep=walk,leaders", "ns/pid"})},
		{"cold caches", []string{"Sweep/registry=tree+table,tree+hash,idr,table/n=" + someSizes + "/order=fresh,churned" + usual + "cache=cold/sweep=" + sweptFour}, "sweep", sweptBy},
		{"stride", []string{"Sweep/registry=tree+table,idr/n=" + someSizes + "/order=churned" + usual + "stride=256,1024/sweep=" + sweptFour}, "sweep", sweptBy},
		{"depth", []string{"Sweep/registry=tree+table,idr/n=10k,100k/order=churned" + usual + "depth=4/sweep=" + sweptFour}, "sweep", sweptBy},
		{"strangers", []string{"Sweep/registry=tree+table,idr/n=10k,100k/order=churned" + usual + "strangers=1x,10x/sweep=walk,list,global"},
			"sweep", []versus{walkList, {"sweep=walk,global", "ns/pid"}}},
		{"the whole end", []string{"Zap/registry=tree+table,tree+hash,idr,table/n=10k,100k/order=churned" + usual + "sweep=walk,list"}, "sweep", []versus{walkList}},
		{"freezing", []string{"Freeze/registry=tree+table,tree+hash,idr,table/n=10k,100k/order=churned" + usual + "sweep=walk,list"}, "sweep", []versus{walkList}},
		{"who survives", []string{"Protocol/tasks=100,1k,10k/protocol=2007,resend,count"}, "protocol", nil},
	}},
}

func againstIDR(unit string) []versus {
	return []versus{{"registry=idr,tree+hash", unit}, {"registry=idr,tree+table", unit}}
}
