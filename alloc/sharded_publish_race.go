//go:build race

package alloc

import "sync/atomic"

// publish is an atomic store, for the race detector to see that readers may
// load the word meanwhile.
func publish(word *uint64, v uint64) { atomic.StoreUint64(word, v) }
