package alloc

import "math/bits"

// NextN fills dst with the smallest pids in use > after: a word at a time, the
// words by the bits of their sum. It writes nothing past the pids that it found.
//
// Cost: O(1) a pid, plus the height of the tree for each 4,096 numbers with a pid
// in use. Where there is AVX-512 with VBMI2, decodeSum does what is left of a sum
// in one call, without a branch a bit; a sum with a pid or two is not worth it.
// Source of the kernel: bitset_extract_setbits_avx512 of CRoaring, with masks that
// keep it from writing past what it found.
func (t *Tree) NextN(after PID, dst []PID) int {
	after = max(after, 0)
	w := int(after >> 6)
	if w >= len(t.words) {
		return 0
	}
	used := t.words[w] & above(int(after))
	i := w >> 6
	some := t.sums[i].some & above(w)
	for n := 0; n < len(dst); {
		if vector && worthwhile(used, some) {
			n += decodeSum(&dst[n], len(dst)-n, &t.words[i<<6], some, used, PID(w<<6))
			used, some = 0, 0
		}
		for base := PID(w << 6); used != 0; used &= used - 1 {
			if n == len(dst) {
				return n
			}
			dst[n] = base + PID(bits.TrailingZeros64(used))
			n++
		}
		if some == 0 {
			if i = t.usedAfter(i); i < 0 {
				return n
			}
			some = t.sums[i].some
		}
		w = i<<6 + bits.TrailingZeros64(some)
		some &= some - 1
		used = t.words[w]
	}
	return len(dst)
}

// worthwhile says that a word and a sum have more than a few bits between them.
func worthwhile(used, some uint64) bool {
	some &= some - 1
	some &= some - 1
	return some != 0 || used&(used-1) != 0
}
