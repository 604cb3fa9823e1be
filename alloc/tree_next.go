package alloc

import "math/bits"

// NextN fills dst with the smallest pids in use > after: a word at a time, the
// words by the bits of their sum, the sums by those of their node. It writes
// nothing past the pids that it found.
//
// Cost: O(1) a pid, plus the height of the tree for each 262,144 numbers with a pid
// in use. Where there is AVX-512 with VBMI2, decodeNode does what is left of a node
// in one call: sums of few words a bit at a time, others eight words at a time and
// without a branch a bit.
// Source of the way to decode a word: bitset_extract_setbits_avx512 of CRoaring, with
// masks that keep it from writing past what it found.
func (t *Tree) NextN(after PID, dst []PID) int {
	after = max(after, 0)
	w := int(after >> 6)
	if w >= len(t.words) || len(dst) == 0 {
		return 0
	}
	used := t.words[w] & above(int(after))
	some := t.sums[w>>6].some & above(w)
	if vector {
		return t.nextNodes(w, used, some, dst)
	}
	n := 0
	for i, mask := w>>6, t.besides(w>>6); ; {
		for ; used != 0; used &= used - 1 {
			if n == len(dst) {
				return n
			}
			dst[n] = PID(w<<6 + bits.TrailingZeros64(used))
			n++
		}
		if some == 0 {
			if mask == 0 {
				if i = t.usedAfter(i); i < 0 {
					return n
				}
				mask = t.besides(i)
			} else {
				i = i&^63 + bits.TrailingZeros64(mask)
				mask &= mask - 1
			}
			some = t.sums[i].some
		}
		w = i<<6 + bits.TrailingZeros64(some)
		some &= some - 1
		used = t.words[w]
	}
}

// nextNodes is NextN by decodeNode: the pids of used, which is of word w, and of
// what lies after it, of whose sum some is.
func (t *Tree) nextNodes(w int, used, some uint64, dst []PID) int {
	for i, n := w>>6, 0; ; {
		first := i &^ 63
		n += decodeNode(&dst[n], len(dst)-n, &t.words[first<<6], &t.sums[first], t.besides(i), some, used, PID(w<<6))
		if n == len(dst) {
			return n
		}
		if i = t.usedAfter(i | 63); i < 0 {
			return n
		}
		w, used, some = i<<6, 0, t.sums[i].some
	}
}

// besides gives the sums after i below the same node that have a pid in use.
func (t *Tree) besides(i int) uint64 {
	if len(t.upper) == 0 {
		return 0
	}
	return t.upper[0][i>>6].some & above(i)
}
