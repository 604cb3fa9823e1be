// Package bench measures what this project is about; nothing imports it.
//
//	go test -run '^$' -bench . ./bench
//
// Names are key=value, so that benchstat and benchcmp make rows and columns of
// them:
//
//	Sweep/registry=/n=/order=/density=/threads=/sweep=   one sweep of a namespace: ns/pid, max-hold-ns
//	Zap/…                                                gate, sweep and every exit: ns/pid, of which mark-ns/pid
//	Freeze/…                                             Freeze: ns/pid, and Thaw: thaw-ns/pid
//	Checkpoint/…                                         Freeze, Checkpoint and Thaw: ns/pid
//	Upkeep/registry=/n=/lists=                           a fork, an exit and the reaping of a random child among n: ns/pair
//	ForkChurn/registry=/max=/fill=                       the same by how full the namespace is: ns/pair
//	Lookup/registry=/n=                                  a task by its number, in no order: ns/lookup
//	Life/registry=/n=/lists=                             fork, look up, signal, exit, reap, among n others: ns/life
//	ForkExit/registry=/n=/deed=                          a fork, exit and wait beside the locked pair of its number: ns/pair
//	TaskMemory/…  NamespaceMemory/registry=              B/task, B/namespace
//	Host/registry=/namespaces=/n=                        namespaces of n tasks each, made, churned and zapped: fill-ns/pid, ns/pair, ns/pid, B/task, B/namespace, left
//	Protocol/tasks=/protocol=                            who survives the patch of 2007, the remedy, and the count
//	Churn/backend=/max=/fill=                            the release of a random pid and an allocation: ns/pair
//	Next/backend=/density=                               a walk by Next over 1M pids: ns/pid
//	Bulk/backend=/density=                               the same by batches of 256: ns/pid
//	Fill/allocator=/max=                                 every pid out, and back in a random order: ns/pair, fill-ns/pid, drain-ns/pid
//	Pair/allocator=/max=/fill=/goroutines=               Churn in several goroutines, wall time: ns/pair
//	Bytes/allocator=/max=/held=                          what a map costs on the heap: B/map, B/pid
//
// The last six are of package alloc alone; bench/peers, a module of its own,
// sets it beside what a Go program might use in its place.
//
// n is the number of tasks beside the reaper. density is n in percent of the
// numbers that the namespace has, %used what came of it. order=fresh is as
// forked; order=churned has seen -churn times n random exits, each followed by a
// fork. threads is how many tasks share a process.
//
// A pattern that names no keys runs a selection that ends in some minutes. A
// pattern that names a key opens all its values, and the keys that are otherwise
// left out of the names: churn= (instead of the flag), cache= (cold: displaced
// before each sweep, outside the timing), stride= (bytes from one task to the
// next in memory), depth= (namespaces around a task) and strangers= (tasks on the
// host outside the namespace, in multiples of n), in this order before the last.
// For example
//
//	go test -run '^$' -bench 'Sweep/registry=idr/n=10k/order=churned/density=/threads=/cache=cold/sweep=' ./bench
//
// Each benchmark checks its answer before it times it. The sides of a comparison
// run in turn on populations made alike; -reverse turns the order of everything
// round, so that what comes first can be told from what is better.
// sweep=walk+again, sweep=batch+again, lists=none+again and
// registry=tree+table+again are what stands before the last +, measured once
// more in turn: sides that differ in nothing, whose comparison shows what noise
// alone does. -large allows the sizes that take minutes, -sizes adds others.
package bench
