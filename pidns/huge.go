package pidns

import "unsafe"

// hugePage is the size and the alignment of a huge page.
const hugePage = 2 << 20

// hugeBlock makes size bytes or more, whole huge pages, where the system has
// them. What stands before the first and behind the last is never touched, and
// takes no memory but in name.
func hugeBlock(size int) []uint64 {
	size = (size + hugePage - 1) &^ (hugePage - 1)
	words := make([]uint64, (size+hugePage)/8)
	skip := (-uintptr(unsafe.Pointer(&words[0])) & (hugePage - 1)) / 8
	words = words[skip:]
	words = words[: size/8 : size/8]
	adviseHuge(unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), size))
	return words
}
