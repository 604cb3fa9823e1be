package alloc

import (
	"math/bits"
	"sync/atomic"
)

// fewWords of a sum are read one by one, since a copy of them and a call cost more.
const fewWords = 8

// nextN fills dst with base plus each of the smallest pids in use > after, a sum at a
// time: its words one by one, or by decodeNode, which is given a copy of them, since
// no processor's manual promises that a load of 64 bytes finds each word whole. It
// may run beside a writer.
func (v *liveView) nextN(after, base PID, dst []PID) (n int) {
	var words [64]uint64
	for i := v.next(int(max(after, 0))); i > 0 && n < len(dst); i = v.next(i | 4095) {
		w, left := i>>6, uint64(0)
		used := atomic.LoadUint64(&v.some[0][w]) &^ (1<<(i&63) - 1)
		if v.levels > 1 {
			left = atomic.LoadUint64(&v.some[1][w>>6]) & above(w)
		}
		if vector && bits.OnesCount64(left) >= fewWords {
			left = v.copySum(&words, w&^63, left, len(dst)-n-bits.OnesCount64(used))
			got := dst[n:]
			got = got[:decodeNode(&got[0], len(got), &words[0], nil, 0, left, used, PID(i&(63<<6)))]
			for k := range got {
				got[k] += base + PID(i&^4095)
			}
			n += len(got)
			continue
		}
		for {
			for ; used != 0 && n < len(dst); used &= used - 1 {
				dst[n] = base + PID(w<<6+bits.TrailingZeros64(used))
				n++
			}
			if left == 0 || n == len(dst) {
				break
			}
			w = w&^63 + bits.TrailingZeros64(left)
			left &= left - 1
			used = atomic.LoadUint64(&v.some[0][w])
		}
	}
	return n
}

// copySum copies to words those from first on that some names, until they hold as
// many pids as there is room for, and gives which it copied. None of them is 0.
func (v *liveView) copySum(words *[64]uint64, first int, some uint64, room int) (copied uint64) {
	for ; some != 0 && room > 0; some &= some - 1 {
		k := bits.TrailingZeros64(some)
		if word := atomic.LoadUint64(&v.some[0][first+k]); word != 0 {
			words[k] = word
			copied |= some & -some
			room -= bits.OnesCount64(word)
		}
	}
	return copied
}
