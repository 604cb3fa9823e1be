package alloc

import "math/bits"

// What a liveTree does most of the time, without a call or a search. The count
// chooses the way, as in a Tree: below seven pids of eight a branch on "is this word
// full" is predicted; above, selections say which of two words has a free pid, and
// whether a word is full. Each leaves all that does not fit to the backend's methods.

// takeQuick claims the smallest free pid from lo, at the least 1, on if that is in
// lo's word and no summary changes; else, and of an empty tree, it gives 0. The last word, in which Max may
// lie, is not looked at.
func (t *liveTree) takeQuick(lo PID) PID {
	if w := uint32(lo) >> 6; int(w)+1 < len(t.words) {
		old := t.words[w]
		lo += PID(bits.TrailingZeros64(^old >> (lo & 63))) // 64 where none is: then now is old
		if now := old | 1<<(lo&63); now != old && old != 0 && now != ^uint64(0) {
			publish(&t.words[w], now)
			t.n++
			if invariants {
				t.checkPath(int(lo))
			}
			return lo
		}
	}
	return 0
}

// dropQuick gives pid back if no summary changes; else, and of an empty tree, it
// gives false.
func (t *liveTree) dropQuick(pid PID) bool {
	if w := int(uint32(pid) >> 6); w < len(t.words) {
		old := t.words[w]
		if now := old &^ (1 << (pid & 63)); now != old && now != 0 && old != ^uint64(0) {
			publish(&t.words[w], now)
			t.n--
			if invariants {
				t.checkPath(int(pid))
			}
			return true
		}
	}
	return false
}

// takeCrowded is takeQuick where most pids are in use: that pid may also be in the
// next word below the sum of lo's that is not full.
func (t *liveTree) takeCrowded(lo PID) PID {
	w := uint(uint32(lo) >> 6)
	if w+1 >= uint(len(t.words)) {
		return 0
	}
	sum := &t.own.full[1][w>>6]
	full := *sum
	free := ^t.words[w] >> (lo & 63) << (lo & 63)
	next := ^full & above(int(w))
	if free|next == 0 {
		return 0
	}
	next = uint64(w&^63) + uint64(bits.TrailingZeros64(next))
	if free != 0 {
		next = uint64(w)
	}
	if w = uint(next); w+1 >= uint(len(t.words)) {
		return 0
	}
	old := t.words[w]
	if free == 0 {
		free = ^old
	}
	now := old | free&-free
	if old == 0 {
		return 0
	}
	publish(&t.words[w], now)
	t.n++
	full |= bit64(now == ^uint64(0)) << (w & 63)
	*sum = full
	if full == ^uint64(0) {
		t.own.setFull(int(w))
	}
	pid := PID(w<<6) + PID(bits.TrailingZeros64(free))
	if invariants {
		t.checkPath(int(pid))
	}
	return pid
}

// dropCrowded is dropQuick where most pids are in use: pid's word may be full.
func (t *liveTree) dropCrowded(pid PID) bool {
	w := uint(uint32(pid) >> 6)
	if w >= uint(len(t.words)) || len(t.words) == 1 {
		return false
	}
	old := t.words[w]
	now := old &^ (1 << (pid & 63))
	sum := &t.own.full[1][w>>6]
	full := *sum
	if now == old || now == 0 || full == ^uint64(0) {
		return false
	}
	publish(&t.words[w], now)
	t.n--
	*sum = full &^ (1 << (w & 63))
	if invariants {
		t.checkPath(int(pid))
	}
	return true
}
