package alloc

import (
	"fmt"
	"math/bits"
)

// How often counts are compared with what they count, and those that have no other
// place; see the build tag pidmap_invariants.

// due tells whether a structure of that many parts is to be checked whole, after a
// change of part i that left n pids in use: always where there are few, else so
// rarely that a change pays for about fewParts on the average. What n and i are
// decides, so that the same calls are checked in each run.
func due(parts, n, i int) bool {
	h := (uint64(n)*0x9e3779b97f4a7c15 ^ uint64(i)*0xbf58476d1ce4e5b9) * 0x94d049bb133111eb >> 32
	return h*uint64(parts) < fewParts<<32
}

const fewParts = 8

// checkCount panics, where that is due after a change of pid i, unless as many bits
// are set as pids are in use.
func (t *liveTree) checkCount(i int) {
	if !due(len(t.words), int(t.n), i>>6) {
		return
	}
	n := 0
	for _, word := range t.words {
		n += bits.OnesCount64(word)
	}
	if n != int(t.n) {
		panic(fmt.Sprintf("shard's tree: %d bits are set, and %d pids said to be in use", n, t.n))
	}
}
