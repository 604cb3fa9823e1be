package pidns

import "golang.org/x/sys/unix"

// adviseHuge asks for huge pages, as memory is touched (madvise(2),
// MADV_HUGEPAGE). It is a hint: a system that has none says so to nobody.
func adviseHuge(memory []byte) { _ = unix.Madvise(memory, unix.MADV_HUGEPAGE) }
