//go:build !amd64 && !arm64

package pidns

import (
	"runtime"
	"unsafe"
)

// prefetch looks at n records, of which records is the first: the looks do not
// depend on each other, so a processor that runs ahead overlaps their misses.
func prefetch(records **record, n int) {
	seen := free
	for _, r := range unsafe.Slice(records, n) {
		seen |= r.state
	}
	runtime.KeepAlive(seen) // or the looks are optimised away
}
