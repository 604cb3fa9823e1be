//go:build !amd64 || race

package alloc

// vector says that decodeNode runs here: it never does.
var vector = false

func decodeNode(dst *PID, room int, words *uint64, sums *node, mask, some, used uint64, base PID) int {
	panic("no decodeNode here")
}
