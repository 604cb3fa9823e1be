//go:build race || !(amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package alloc

import "sync/atomic"

// publish is an atomic store where a plain one could be met in halves, and where
// the race detector is to see that readers may load the word meanwhile.
func publish(word *uint64, v uint64) { atomic.StoreUint64(word, v) }
