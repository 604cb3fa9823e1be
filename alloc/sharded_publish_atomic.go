//go:build race || !amd64

package alloc

import "sync/atomic"

// publish is an atomic store: on other machines, where it costs little or is
// needed for the order or to keep a word whole, and for the race detector, which
// is to see that readers may load the word meanwhile.
func publish(word *uint64, v uint64) { atomic.StoreUint64(word, v) }
