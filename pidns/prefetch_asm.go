//go:build amd64 || arm64

package pidns

import "unsafe"

// prefetch asks for the first line of the records of n slots, of which slots is
// the first, and waits for none of them: slab.at without its checks. chunks and
// stride are the slab's.
//
//go:noescape
func prefetch(slots *uint32, n int, chunks *unsafe.Pointer, stride uintptr)
