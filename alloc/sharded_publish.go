//go:build !race && (amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package alloc

// publish stores v where readers load it with atomic.LoadUint64 and hold no
// lock; the writer holds one. It is a plain store of a machine word: a reader
// that a write happens before meets that write or a later one, whole, which is
// all that the readers of a liveTree ask, and what Go's memory model promises of
// a machine word even where a write and a read race (go.dev/ref/mem,
// "Implementation Restrictions for Programs Containing Data Races").
// sync/atomic has no store that is weaker than sequentially consistent, on amd64
// a locked exchange: two of them make a Free and an Alloc a third longer.
func publish(word *uint64, v uint64) { *word = v }
