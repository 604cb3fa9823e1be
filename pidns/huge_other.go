//go:build !linux

package pidns

func adviseHuge([]byte) {}
