package pidns

import (
	"slices"
	"sync"
	"syscall"
)

// told is a program that remembers what it is told.
type told struct {
	mu   sync.Mutex
	sigs []syscall.Signal
}

func (p *told) hook(_ Task, sig syscall.Signal) {
	p.mu.Lock()
	p.sigs = append(p.sigs, sig)
	p.mu.Unlock()
}

// is tells whether exactly these signals have come, in this order.
func (p *told) is(want ...syscall.Signal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Equal(p.sigs, want)
}
