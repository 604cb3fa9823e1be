package pidns

import (
	"maps"
	"slices"
	"syscall"

	"example.com/pidmap/alloc"
)

// killGroup ends a process but for those with a program, who are told once.
func (m *model) killGroup(lead *modelTask, status int) {
	if !lead.doomed {
		lead.doomed, lead.status, lead.stopped = true, status, false
	}
	for _, t := range append(slices.Clone(lead.members), lead) {
		switch {
		case !t.runs():
		case !t.hooked:
			m.exit(t, 0)
		default:
			t.pending |= bit(sigKill)
			m.calls = append(m.calls, modelCall{t, sigKill})
		}
	}
}

func (m *model) deliver(t *modelTask) {
	if t.pending == 0 || !t.runs() && t.state != deadFront {
		return
	}
	if t.pending&bit(sigKill) != 0 {
		if !t.killed || t.state == deadFront {
			m.killGroup(t.leader, 128+int(sigKill))
		}
		return
	}
	if t.state == live && t.pending&bit(syscall.SIGCONT) != 0 && t.leader.stopped {
		t.leader.stopped = false
		for _, o := range append([]*modelTask{t.leader}, t.leader.members...) {
			if o.runs() && !t.leader.doomed {
				m.deliver(o)
			}
		}
		if !t.runs() {
			return
		}
	}
	sigs := t.pending
	if t.hooked {
		for _, sig := range signals(sigs) {
			m.calls = append(m.calls, modelCall{t, sig})
		}
		return
	}
	t.pending = 0
	switch {
	case t.state == deadFront:
		t.members[0].pending |= sigs
		m.deliver(t.members[0])
	case t.leader == t.space.reaper:
		if sigs&bit(syscall.SIGSTOP) != 0 {
			t.leader.stopped = true
		}
	default:
		for _, sig := range signals(sigs) {
			switch {
			case bit(sig)&byDefaultIgnored != 0:
			case bit(sig)&byDefaultStops != 0:
				t.leader.stopped = true
			case t.leader.stopped:
				t.pending |= bit(sig)
			default:
				m.killGroup(t.leader, 128+int(sig))
				return
			}
		}
	}
}

// send marks t, and takes off the process what a signal takes away.
func (m *model) send(t *modelTask, sig syscall.Signal) {
	for _, o := range append([]*modelTask{t.leader}, t.leader.members...) {
		o.discard(sig)
	}
	t.pending |= bit(sig)
}

func (t *modelTask) discard(sig syscall.Signal) {
	stop := uint32(byDefaultStops)
	switch {
	case sig == syscall.SIGCONT:
		t.pending &^= stop
	case bit(sig)&stop != 0:
		t.pending &^= bit(syscall.SIGCONT)
	}
}

// deliverAll delivers to everybody in ns, and tells programs after so many.
func (m *model) deliverAll(ns *modelSpace) {
	m.tell()
	last := alloc.PID(0)
	for more := true; more; {
		n := 0
		for _, pid := range slices.Sorted(maps.Keys(ns.tasks)) {
			if pid <= last || n == batchSize {
				continue
			}
			n, last = n+1, pid
			if t := ns.tasks[pid]; t != nil {
				m.deliver(t)
			}
		}
		m.tell()
		more = n == batchSize
	}
}

// tell tells programs what is pending still.
func (m *model) tell() {
	for len(m.calls) > 0 {
		c := m.calls[0]
		m.calls = m.calls[1:]
		switch {
		case !c.t.runs() || !c.t.hooked || c.t.killed || c.t.pending&bit(c.sig) == 0:
			continue
		case c.sig == sigKill:
			c.t.killed = true
		default:
			c.t.pending &^= bit(c.sig)
		}
		c.t.told = append(c.t.told, c.sig)
	}
}

// finish tells programs, and sweeps whatever there is to be swept.
func (m *model) finish() {
	m.tell()
	for len(m.dying) > 0 {
		ns := m.dying[len(m.dying)-1]
		m.dying = m.dying[:len(m.dying)-1]
		m.mark(ns, Walk, sigKill)
		m.deliverAll(ns)
	}
}

func (m *model) mark(ns *modelSpace, sweep Sweep, sig syscall.Signal) int {
	n := 0
	for _, t := range ns.byNumber() {
		if t.leader == ns.reaper || t.state == zombie {
			continue
		}
		if t.discard(sig); sweep == Leaders && t.leader != t {
			continue
		}
		t.pending |= bit(sig)
		n++
	}
	return n
}

// immune tells whether a signal from inside does not reach t.
func (t *modelTask) immune(ns *modelSpace, sig syscall.Signal) bool {
	if t.leader != ns.reaper || sig == syscall.SIGCONT {
		return false
	}
	if sig == sigKill || sig == syscall.SIGSTOP {
		return true
	}
	if t.state == deadFront {
		t = t.members[0]
	}
	return !t.hooked
}

// notify tells the program of a process, if it has one, that a child has died.
func (m *model) notify(t *modelTask) {
	if t.state == deadFront {
		t = t.members[0]
	}
	if t.hooked && t.pending&bit(sigKill) == 0 {
		t.pending |= bit(syscall.SIGCHLD)
		m.calls = append(m.calls, modelCall{t, syscall.SIGCHLD})
	}
}
