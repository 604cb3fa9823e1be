//go:build !race && amd64

package alloc

// publish stores v where readers load it with atomic.LoadUint64 and hold no
// lock; the writer holds one. It is a plain store. Go's memory model promises of
// a machine word that a reader meets a whole value, and, where a write happens
// before the read, that one or a later one, even if a write and a read race
// (go.dev/ref/mem, "Implementation Restrictions for Programs Containing Data
// Races"); this machine makes stores visible in their order, and the unlock that
// follows makes them visible before the call returns. sync/atomic has no store
// that is weaker than sequentially consistent, here a locked exchange: two of
// them make a Free and an Alloc a third longer.
func publish(word *uint64, v uint64) { *word = v }
