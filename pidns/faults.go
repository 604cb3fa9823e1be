package pidns

// faults is how tests reach between the steps of what a host does, and put a
// wrong step in the place of a right one, to see that it is caught. Any field
// may be nil. It is asked for at places that are cold, or that only a test
// comes to.
type faults struct {
	reserve func(level int) error // called before the number at level is reserved
	pause   func()                // called between the steps of a fork, with no lock held

	publish   func(slot uint32, r *record, by Task, b birth) error // in place of publish
	unreserve func(slot uint32, inner, stop *Namespace)            // in place of unreserve
	visit     func(ns *Namespace, sweep Sweep, bits uint32) int    // in place of a sweep
	begin     func()                                               // in place of what begins a freeze's sweep and lets the lock go
	shut      func(ns *Namespace)                                  // in place of shut
	isEmpty   func(ns *Namespace) bool                             // in place of the count
	check     func(b birth, outermost int) error                   // in place of check
	merge     func(i, heir uint32, p *record)                      // in place of families.merge
	notify    func(slot uint32, r *record)                         // in place of notify
	forget    bool                                                 // what a program leaves undone that panics stays undone
}

// wrong tells whether a wrong step is in place, whose outcome is for the test to
// find.
func (f *faults) wrong() bool {
	return f != nil && (f.publish != nil || f.unreserve != nil || f.visit != nil || f.begin != nil || f.shut != nil ||
		f.isEmpty != nil || f.check != nil || f.merge != nil || f.notify != nil || f.forget)
}

// breathe lets the lock go for a moment, where a test wants it.
func (h *host) breathe() {
	if h.faults.pause != nil {
		h.unlock()
		h.faults.pause()
		h.lock()
	}
}

// publishLate is publish after a pause, or what a test has put in its place.
func (h *host) publishLate(slot uint32, r *record, by Task, b *birth) error {
	h.breathe()
	if h.faults.publish != nil {
		return h.faults.publish(slot, r, by, *b)
	}
	return h.publish(slot, r, by, b)
}
