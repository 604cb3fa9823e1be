// Package bench measures what this project is about; nothing imports it.
//
//	go test -run '^$' -bench . ./bench
//
// Names are key=value, so that benchstat and benchcmp make rows and columns of
// them:
//
//	Sweep/registry=/n=/order=/density=/threads=/sweep=   one sweep of a namespace: ns/pid
//	Upkeep/registry=/n=/lists=                           a fork, an exit and the reaping of a random child among n: ns/pair
//	Churn/backend=/max=/fill=                            the release of a random pid and an allocation: ns/pair
//	Next/backend=/density=                               a walk by Next over 1M pids: ns/pid
//
// n is the number of tasks beside the reaper. density is n in percent of the
// numbers that the namespace has. order=fresh is as forked; order=churned has
// seen -churn times n random exits, each followed by a fork. Each benchmark
// checks its answer before it times it. The sides of a comparison (sweep=,
// lists=) run in turn on populations made alike; -reverse turns their order
// round, so that what comes first can be told from what is better. -large adds
// the sizes that take minutes.
package bench
