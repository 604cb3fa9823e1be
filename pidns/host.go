package pidns

import (
	"sync"
	"syscall"
)

// host is what a root namespace and all its descendants share: the tasks, and
// the one lock over everything.
//
// The lock is a mutex that also counts sweepers. Whoever changes anything
// holds mu and waits until no sweep runs (lock); a sweep only marks, atomically,
// so it holds off changes without holding mu (beginSweep), as a reader of
// Linux's tasklist_lock does; whoever only looks holds mu for a moment and need
// not care about sweeps (mu itself). A change so costs a mutex, half of what
// sync.RWMutex asks for.
type host struct {
	mu      sync.Mutex
	quiet   sync.Cond // on mu: sweepers or writers has come down to 0
	sweeps  int       // sweeps that run
	writers int       // changes that wait for sweeps to end; no sweep begins while there are any

	slab     slab
	families families
	uppers   []uppers     // by level
	spaces   []*Namespace // by record.space; index 0 is the root
	holes    []uint32     // free indices of spaces

	hooks   map[uint32]func(Task, syscall.Signal)
	waiters map[uint32]chan struct{} // by leader; closed when a child changes
	births  map[uint32]*Namespace    // where the children to come are born, after Enter
	frozen  int                      // namespaces that are
	thaw    chan struct{}            // closed when forks that wait for a thaw should look again; nil while none waits

	news    []call // programs to be told by whoever lets the lock go
	telling int    // programs that are being told
	left    []call // to be told by whoever's program comes back next: there were mostTold

	keepAll bool   // the ring of everybody is kept
	all     uint32 // its head

	faults *faults // nil but in tests
}

func newHost(stride uintptr) *host {
	h := &host{
		slab:    slab{stride: stride},
		hooks:   map[uint32]func(Task, syscall.Signal){},
		waiters: map[uint32]chan struct{}{},
		births:  map[uint32]*Namespace{},
	}
	h.quiet.L = &h.mu
	return h
}

// lock is for changes. Fork, Exit and Wait have it and unlock written out, as
// what these call is inlined and they are not: the six calls were a twentieth
// of a task's life.
func (h *host) lock() {
	h.mu.Lock()
	h.outwait()
}

// outwait waits until no sweep runs, as most often none does.
func (h *host) outwait() {
	if h.sweeps > 0 {
		h.outwaitSweeps()
	}
}

func (h *host) outwaitSweeps() {
	h.writers++
	for h.sweeps > 0 {
		h.quiet.Wait()
	}
	h.writers--
	if h.writers == 0 {
		h.quiet.Broadcast()
	}
}

func (h *host) unlock() {
	if h.hasNews() {
		h.unlockAndTell()
		return
	}
	h.mu.Unlock()
}

// hasNews tells whether a change leaves more to do than to let the lock go.
func (h *host) hasNews() bool { return invariants || len(h.news) > 0 }

// beginSweep holds off changes until endSweep; other sweeps may run beside it.
// It lets the changes that wait already go first.
func (h *host) beginSweep() {
	h.mu.Lock()
	for h.writers > 0 {
		h.quiet.Wait()
	}
	h.sweeps++
	h.mu.Unlock()
}

func (h *host) endSweep() {
	h.mu.Lock()
	h.sweeps--
	if h.sweeps == 0 {
		h.quiet.Broadcast()
	}
	h.mu.Unlock()
}

// addSpace gives ns its index, and its lists the room that they need.
func (h *host) addSpace(ns *Namespace) {
	if ns.keepArray || ns.keepLeaders || h.keepAll {
		h.slab.keepExtras()
	}
	if n := len(h.holes); n > 0 {
		ns.id = h.holes[n-1]
		h.holes = h.holes[:n-1]
		h.spaces[ns.id] = ns
		return
	}
	ns.id = uint32(len(h.spaces))
	h.spaces = append(h.spaces, ns)
}

// dropSpace takes the index back from a namespace with nobody in it.
func (h *host) dropSpace(ns *Namespace) {
	h.spaces[ns.id] = nil
	ns.gone = true
	if ns.frozen > 0 {
		ns.frozen = 0
		h.frozen--
	}
	h.holes = append(h.holes, ns.id)
}

// wake tells those who wait for a child of the process, or in its name.
func (h *host) wake(leader uint32, r *record) {
	if r.flags&awaited == 0 {
		return
	}
	close(h.waiters[leader])
	delete(h.waiters, leader)
	r.flags &^= awaited
}

// park gives what a fork by a task that lives waits for until wakeForks closes
// it: a thaw, a shut gate, or the task's death.
func (h *host) park(by Task) chan struct{} {
	h.slab.at(by.slot).flags |= parked
	if h.thaw == nil {
		h.thaw = make(chan struct{})
	}
	return h.thaw
}

// unpark lets the forks of a task look again that has died or been killed, and
// those of others with them.
func (h *host) unpark(r *record) {
	if r.flags&parked != 0 {
		h.wakeForks()
	}
}

// wakeForks lets forks that wait for a thaw look again.
func (h *host) wakeForks() {
	if h.thaw != nil {
		close(h.thaw)
		h.thaw = nil
	}
}
