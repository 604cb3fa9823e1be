//go:build !race

package alloc

// publish stores v where readers load it with atomic.LoadUint64 and hold no
// lock; the writer holds one. It is a plain store: a word is written whole, and
// a reader that a write happens before meets that write or a later one, which is
// all that the readers of a liveTree ask, and what Go's memory model promises of
// a word even where a write and a read race (go.dev/ref/mem, "Implementation
// Restrictions for Programs Containing Data Races"). sync/atomic has no store
// that is weaker than sequentially consistent, which on amd64 is a locked
// exchange: it made a pair of Free and Alloc a third longer.
func publish(word *uint64, v uint64) { *word = v }
