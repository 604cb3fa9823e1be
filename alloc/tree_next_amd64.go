//go:build !race

package alloc

import "golang.org/x/sys/cpu"

// vector says that decodeNode runs here: Intel since Ice Lake, AMD since Zen 4.
// Tests clear it. Under the race detector, which does not see what assembly reads
// and writes, there is no decodeNode.
var vector = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VBMI2 &&
	cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT

// decodeNode writes to dst, which has room for at least one, the pids of used, the
// word whose first number is base; then those of the words that some names, of the
// same sum; then those of the sums that mask names, of the same node. words and
// sums are the first of the node; sums may be nil where mask is 0. No word that some
// names may be 0. It returns how many it wrote.
//
//go:noescape
func decodeNode(dst *PID, room int, words *uint64, sums *node, mask, some, used uint64, base PID) int
