//go:build !race

package alloc

import "golang.org/x/sys/cpu"

// vector says that decodeSum runs here: Intel since Ice Lake, AMD since Zen 4.
// Tests clear it. Under the race detector, which does not see what assembly reads
// and writes, there is no decodeSum.
var vector = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VBMI2 &&
	cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT

// decodeSum writes to dst, which has room for at least one, the pids of used, the
// word whose first number is base, and of those of the sum's words that some
// names; words is the first word of the sum. It returns how many it wrote.
//
//go:noescape
func decodeSum(dst *PID, room int, words *uint64, some, used uint64, base PID) int
