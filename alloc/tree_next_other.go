//go:build !amd64 || race

package alloc

// vector says that decodeSum runs here: it never does.
var vector = false

func decodeSum(dst *PID, room int, words *uint64, some, used uint64, base PID) int {
	panic("no decodeSum here")
}
