package alloc

import "math/bits"

// NextN fills dst with the smallest pids in use > after: a word at a time, the
// words by the bits of their sum.
func (t *Tree) NextN(after PID, dst []PID) int {
	after = max(after, 0)
	w := int(after >> 6)
	if w >= len(t.words) {
		return 0
	}
	used := t.words[w] & above(int(after))
	i := w >> 6
	some := t.sums[i].some & above(w)
	for n := 0; ; {
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
}
