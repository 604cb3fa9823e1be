package pidns

import (
	"context"
	"maps"
	"slices"
	"syscall"

	"example.com/pidmap/alloc"
)

// The model: what namespaces and tasks do, in maps and by looking at everybody.
// It knows nothing of records, rings, counts or locks; what is asked of it is
// found by going through all that there is.

type modelSpace struct {
	parent        *modelSpace
	level         int
	max, reserved alloc.PID
	last          alloc.PID
	fifo          bool // numbers are handed out in an order that it does not follow
	tasks         map[alloc.PID]*modelTask
	reaper        *modelTask
	shut, gone    bool
}

type modelTask struct {
	space          *modelSpace
	pids           map[*modelSpace]alloc.PID
	leader, parent *modelTask // parent: of a leader
	state          state      // free: reaped
	status         int
	doomed         bool // the group's status is known
	hooked, killed bool
	subreaper      bool
	stopped        bool // of a leader: the process is
	births         *modelSpace
	pending        uint32
	told           []syscall.Signal
	zombies        []*modelTask
	members        []*modelTask // of a leader: its threads, by age
}

type model struct {
	spaces []*modelSpace
	tasks  []*modelTask // by age
	dying  []*modelSpace
	calls  []modelCall // programs to be told
}

type modelCall struct {
	t   *modelTask
	sig syscall.Signal
}

func (ns *modelSpace) within(outer *modelSpace) bool {
	for ; ns != nil; ns = ns.parent {
		if ns == outer {
			return true
		}
	}
	return false
}

func (ns *modelSpace) byNumber() []*modelTask {
	var all []*modelTask
	for _, pid := range slices.Sorted(maps.Keys(ns.tasks)) {
		all = append(all, ns.tasks[pid])
	}
	return all
}

// next is the number that would be handed out now; 0 when there is none.
func (ns *modelSpace) next() alloc.PID {
	from := ns.last + 1
	if ns.fifo {
		from = 1
	}
	for pid := from; pid < ns.max; pid++ {
		if ns.tasks[pid] == nil {
			return pid
		}
	}
	for pid := ns.reserved; pid < from; pid++ {
		if ns.tasks[pid] == nil {
			return pid
		}
	}
	return 0
}

func (t *modelTask) runs() bool { return t != nil && t.state == live }

// running counts the threads of a leader's process that run.
func (m *model) running(lead *modelTask) int {
	n := 0
	for _, t := range lead.members {
		if t.runs() {
			n++
		}
	}
	if lead.runs() {
		n++
	}
	return n
}

// kids are the children of a leader that are not zombies.
func (m *model) kids(lead *modelTask) []*modelTask {
	var kids []*modelTask
	for _, t := range m.tasks {
		if t.parent == lead && t.leader == t && t.state != zombie && t.state != free {
			kids = append(kids, t)
		}
	}
	return kids
}

// numbers says which numbers a birth would get, innermost first.
func (m *model) numbers(ns *modelSpace, at []alloc.PID) ([]alloc.PID, error) {
	var pids []alloc.PID
	for i := 0; ns != nil; i, ns = i+1, ns.parent {
		switch {
		case ns.shut:
			return nil, alloc.ErrTerminating
		case i < len(at) && ns.tasks[at[i]] != nil:
			return nil, alloc.ErrInUse
		case i < len(at):
			pids = append(pids, at[i])
		case ns.next() == 0:
			return nil, alloc.ErrFull
		default:
			pids = append(pids, ns.next())
		}
	}
	return pids, nil
}

// mayFork tells why t may not, if it may not.
func (t *modelTask) mayFork(thread bool, ns *modelSpace, at []alloc.PID) error {
	if !t.runs() || (t.pending|t.leader.pending)&bit(sigKill) != 0 {
		return ErrDead
	}
	if thread && t.births != nil {
		return ErrInvalid
	}
	for _, pid := range at {
		if ns == nil || pid < 1 || pid >= ns.max {
			return ErrInvalid
		}
		ns = ns.parent
	}
	return nil
}

// born makes the task of these numbers, innermost first.
func (m *model) born(by *modelTask, ns *modelSpace, pids []alloc.PID, given int, thread bool) *modelTask {
	t := &modelTask{space: ns, pids: map[*modelSpace]alloc.PID{}, state: live}
	t.leader = t
	if thread {
		t.leader = by.leader
		t.leader.members = append(t.leader.members, t)
	} else if by != nil {
		t.parent = by.leader
	}
	for i, pid := range pids {
		t.pids[ns] = pid
		ns.tasks[pid] = t
		if i >= given {
			ns.last = pid
		}
		ns = ns.parent
	}
	m.tasks = append(m.tasks, t)
	return t
}

func (m *model) exit(t *modelTask, status int) {
	t.hooked = false
	lead := t.leader
	if t == lead {
		if !t.doomed {
			t.status = status
		}
		t.state = deadFront
	} else {
		m.remove(t)
	}
	if m.running(lead) == 0 {
		m.bury(lead)
	}
}

func (m *model) bury(p *modelTask) {
	if p != p.space.reaper {
		m.zombify(p)
		return
	}
	p.state = exiting
	m.shut(p.space)
	m.dying = append(m.dying, p.space)
	m.settle()
}

func (m *model) shut(ns *modelSpace) {
	ns.shut = true
	for _, z := range slices.Clone(ns.reaper.zombies) {
		m.remove(z)
	}
}

// ignores tells whether a child reaps itself when it dies.
func ignores(parent, child *modelTask) bool {
	for ns := child.space; ns != nil; ns = ns.parent {
		if ns.shut && parent.space.within(ns) {
			return true
		}
	}
	return false
}

func (m *model) zombify(p *modelTask) {
	heir := m.heir(p)
	for _, kid := range m.kids(p) {
		kid.parent = heir
	}
	left := p.zombies
	p.zombies = nil
	for _, z := range left {
		z.parent = heir
		m.corpse(z)
	}
	p.state = zombie
	m.corpse(p)
}

// corpse gives a zombie to its parent.
func (m *model) corpse(z *modelTask) {
	if ignores(z.parent, z) {
		m.remove(z)
		return
	}
	z.parent.zombies = append(z.parent.zombies, z)
	m.notify(z.parent)
}

func (m *model) heir(p *modelTask) *modelTask {
	for q := p.parent; q != nil && q != p.space.reaper && q.space == p.space; q = q.parent {
		if q.subreaper {
			return q
		}
	}
	return p.space.reaper
}

func (m *model) remove(t *modelTask) {
	for ns, pid := range t.pids {
		delete(ns.tasks, pid)
	}
	t.state = free
	t.leader.members = slices.DeleteFunc(t.leader.members, func(o *modelTask) bool { return o == t })
	if t.leader == t && t.parent != nil {
		t.parent.zombies = slices.DeleteFunc(t.parent.zombies, func(o *modelTask) bool { return o == t })
	}
	if t.space.reaper == t {
		t.space.gone = true
	}
	m.settle()
}

// settle makes zombies of dead reapers whose namespaces are empty.
func (m *model) settle() {
	for _, ns := range slices.Backward(m.spaces) {
		if ns.reaper.state == exiting && len(ns.tasks) == 1 {
			m.zombify(ns.reaper)
		}
	}
}

// left counts the numbers of others than the reaper's group.
func (ns *modelSpace) left() int {
	n := 0
	for _, t := range ns.tasks {
		if t.leader != ns.reaper {
			n++
		}
	}
	return n
}

// wait reaps the zombie that has been one for longest.
func (m *model) wait(t *modelTask) (alloc.PID, int, error) {
	if !t.runs() {
		return 0, 0, ErrDead
	}
	lead := t.leader
	if len(lead.zombies) > 0 {
		z := lead.zombies[0]
		pid, status := z.pids[t.space], z.status
		m.remove(z)
		return pid, status, nil
	}
	if len(m.kids(lead)) == 0 {
		return 0, 0, ErrNoChild
	}
	return 0, 0, context.Canceled
}
