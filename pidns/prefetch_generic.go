//go:build !amd64 && !arm64

package pidns

import (
	"runtime"
	"unsafe"
)

// prefetch looks at the records of n slots, of which slots is the first: the
// looks do not depend on each other, so a processor that runs ahead overlaps
// their misses. chunks and stride are the slab's.
func prefetch(slots *uint32, n int, chunks *unsafe.Pointer, stride uintptr) {
	seen := free
	for _, slot := range unsafe.Slice(slots, n) {
		chunk := unsafe.Slice(chunks, slot>>chunkBits+1)[slot>>chunkBits]
		seen |= (*record)(unsafe.Add(chunk, uintptr(slot&(chunkSize-1))*stride)).state
	}
	runtime.KeepAlive(seen) // or the looks are optimised away
}
