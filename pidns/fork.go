package pidns

import (
	"errors"
	"fmt"

	"example.com/pidmap/alloc"
)

// birth says what a fork is to make.
type birth struct {
	space  *Namespace  // where; nil: where the forker's children are born
	reaper bool        // it is pid 1 of space, which is new
	thread bool        // it joins the forker's thread group
	at     []alloc.PID // numbers asked for, innermost level first
}

// Fork makes a child in the namespace where the forker's children are born:
// its own, unless Enter says otherwise. It fails with alloc.ErrFull,
// alloc.ErrTerminating (the gate of that namespace or of one above is shut) or
// ErrDead (the forker is dead, or has been killed), and then leaves every level
// as it was. While the namespace, or one above it, is frozen, it waits. It costs an allocation of a number at each level and O(1) beside.
func (t Task) Fork() (Task, error) { return t.fork(birth{}) }

// Thread makes a thread of the same thread group, with a number of its own. It
// fails as Fork does, and with ErrInvalid where Enter has moved the births.
func (t Task) Thread() (Task, error) { return t.fork(birth{thread: true}) }

// ForkAt is Fork with chosen numbers, as clone3's set_tid: at[0] in the
// namespace of the birth, at[1] in the one above and so on; levels that are not
// given get the next number, and Last stays where one is given. It fails as
// Fork does; with ErrInvalid for more numbers than levels or a number out of
// range, and with ErrPermission where LimitForkAt denies a level, both told
// level by level from the innermost on, before any number is taken; and with
// alloc.ErrInUse. Whatever fails, at no level has anything changed. Source:
// clone(2), set_tid: EINVAL, EPERM, EEXIST.
func (t Task) ForkAt(at ...alloc.PID) (Task, error) { return t.fork(birth{at: at}) }

// ForkNamespace makes a child that is pid 1 and reaper of a new namespace,
// which lies in the one where the forker's children are born; at is as in
// ForkAt, and at[0] can only be 1. It fails as ForkAt does, with ErrInvalid
// after Enter has moved the births (CLONE_NEWPID in clone(2), after setns), with
// ErrTooDeep below level 32, and where cfg is wrong as New does.
func (t Task) ForkNamespace(cfg Config, at ...alloc.PID) (Task, error) {
	h := t.host
	if h == nil {
		return Task{}, ErrDead
	}
	h.mu.Lock()
	r := t.running()
	var outer *Namespace
	moved := false
	if r != nil {
		outer, moved = h.spaces[r.space], r.flags&entered != 0
	}
	h.mu.Unlock()
	if r == nil {
		return Task{}, ErrDead
	}
	if moved {
		return Task{}, errMoved
	}
	if len(at) > 0 && at[0] != 1 {
		return Task{}, fmt.Errorf("pidns: the first task of a namespace is pid 1, not %d: %w", at[0], ErrInvalid)
	}
	ns, err := newNamespace(h, outer, cfg)
	if err != nil {
		return Task{}, err
	}
	return t.fork(birth{space: ns, reaper: true, at: at})
}

func (t Task) fork(b birth) (Task, error) {
	h := t.host
	if h == nil {
		return Task{}, ErrDead
	}
	for {
		h.mu.Lock()
		h.outwait()
		child, err := t.forkLocked(&b)
		if err != errFrozen {
			if h.hasNews() {
				h.unlock()
			} else {
				h.mu.Unlock()
			}
			return child, err
		}
		thawed := h.park(t)
		h.unlock()
		<-thawed
	}
}

// errMoved is told to whoever wants a thread, or a namespace, while its births
// are elsewhere.
var errMoved = fmt.Errorf("pidns: threads and namespaces are born where their group is, not where Enter says: %w", ErrInvalid)

// errFrozen is between publish and fork: look again after a thaw.
var errFrozen = errors.New("pidns: frozen")

// open tells whether a task may be born in ns: alloc.ErrTerminating where a
// gate is shut, there or above, else errFrozen where it is frozen.
func (ns *Namespace) open() error {
	var err error
	frozen := ns.host.frozen > 0
	for ; ns != nil; ns = ns.parent {
		if ns.terminating() {
			return alloc.ErrTerminating
		}
		if frozen && ns.frozen > 0 {
			err = errFrozen
		}
	}
	return err
}

func (t Task) forkLocked(b *birth) (Task, error) {
	r := t.forking()
	if r == nil {
		return Task{}, ErrDead
	}
	if b.quick(t.host, r) {
		return t.host.forkQuickly(r)
	}
	if (b.thread || b.reaper) && r.flags&entered != 0 {
		return Task{}, errMoved
	}
	if b.space == nil {
		b.space = t.host.birthplace(t.slot, r)
	}
	if b.at != nil {
		err := b.check(int(r.choose))
		if f := t.host.faults; f != nil && f.check != nil {
			err = f.check(*b, int(r.choose))
		}
		if err != nil {
			return Task{}, err
		}
	}
	if t.host.frozen > 0 {
		if err := b.space.open(); err != nil {
			return Task{}, err
		}
	}
	return t.host.fork(t, b)
}

// forking gives the record of a task that may fork, else nil: one that runs and
// has not been killed, nor its process by a sweep that marks leaders alone.
func (t Task) forking() *record {
	r := t.running()
	if r == nil || (r.pending()|t.host.slab.at(r.leader).pending())&bit(sigKill) != 0 {
		return nil
	}
	return r
}

// check tells whether the numbers asked for can be had at all, by one who may
// choose at level outermost and below.
func (b *birth) check(outermost int) error {
	ns := b.space
	if len(b.at) > ns.level+1 {
		return fmt.Errorf("pidns: %d numbers for %d levels: %w", len(b.at), ns.level+1, ErrInvalid)
	}
	for i, pid := range b.at {
		if limit := ns.pids.Limits().Max; pid < 1 || pid >= limit {
			return fmt.Errorf("pidns: at[%d] = %d is not in [1, %d): %w", i, pid, limit, ErrInvalid)
		}
		if ns.level < outermost {
			return ErrPermission
		}
		ns = ns.parent
	}
	return nil
}

// fork makes a task in three steps: reserve its numbers at every level, build
// it, publish it everywhere. A sweep cannot come between publish's look at the
// gates and the task's being found, since the lock is held. Between the other
// steps everything may happen (and does, in tests, which let the lock go
// there), so publish trusts nothing that was true before. The lock is held.
func (h *host) fork(by Task, b *birth) (Task, error) {
	slot, r, err := h.reserve(b)
	if err != nil {
		return Task{}, err
	}
	if h.faults != nil {
		h.breathe()
	}
	h.build(slot, r, by, b)
	if h.faults == nil {
		err = h.publish(slot, r, by, b)
	} else {
		err = h.publishLate(slot, r, by, b)
	}
	if err != nil {
		h.unreserve(slot, b.space, nil)
		for ns := b.space; ns != nil; ns = ns.parent {
			h.settle(ns)
		}
		return Task{}, err
	}
	return Task{h, slot, r.generation()}, nil
}

// reserve takes a record and a number at every level, innermost first. It
// fails as alloc does, with nothing taken.
func (h *host) reserve(b *birth) (uint32, *record, error) {
	slot, r := h.slab.take()
	r.state = reserved
	r.level = uint8(b.space.level)
	if r.level > 0 {
		r.upper = h.takeUpper(b.space.level)
	}
	at := b.at
	for ns := b.space; ns != nil; ns = ns.parent {
		n := h.number(r, ns.level)
		n.chain = uint32(ns.last())
		var err error
		if h.faults != nil && h.faults.reserve != nil {
			err = h.faults.reserve(ns.level)
		}
		switch {
		case err != nil:
		case len(at) > 0:
			n.pid, at = at[0], at[1:]
			err = ns.pids.AllocAt(n.pid)
		default:
			n.pid, err = ns.take()
		}
		if err != nil {
			h.unreserve(slot, b.space, ns)
			return 0, nil, err
		}
		if h.faults != nil && ns.direct != nil {
			ns.direct.erase(n.pid) // somebody may look before publish
		}
	}
	return slot, r, nil
}

// unreserve gives back the record and the numbers at the levels from inner up
// to, and not including, stop. Last goes back where nobody has had a number
// since.
func (h *host) unreserve(slot uint32, inner, stop *Namespace) {
	if h.faults != nil && h.faults.unreserve != nil {
		h.faults.unreserve(slot, inner, stop)
		return
	}
	r := h.slab.at(slot)
	for ns := inner; ns != stop; ns = ns.parent {
		n := h.number(r, ns.level)
		if err := ns.pids.(alloc.Undoer).Undo(n.pid, alloc.PID(n.chain)); err != nil {
			panic(fmt.Sprintf("pidns: number %d reserved at level %d: %v", n.pid, ns.level, err))
		}
	}
	h.giveBack(slot, r)
}

// giveBack returns the memory of a task without numbers.
func (h *host) giveBack(slot uint32, r *record) {
	if r.level > 0 {
		h.uppers[r.level].give(r.upper)
	}
	h.slab.give(slot, r)
}

func (h *host) takeUpper(level int) uint32 {
	for len(h.uppers) <= level {
		h.uppers = append(h.uppers, uppers{width: len(h.uppers)})
	}
	return h.uppers[level].take()
}

// build fills in the record. Nobody can find it yet.
func (h *host) build(slot uint32, r *record, by Task, b *birth) {
	r.leader = slot
	if by.host == nil {
		return
	}
	parent := h.slab.at(by.slot)
	r.choose = parent.choose
	if b.thread {
		r.leader = parent.leader
	}
}

// publish makes the task findable at every level, unless a gate is shut there
// or the forker has died or been killed meanwhile.
func (h *host) publish(slot uint32, r *record, by Task, b *birth) error {
	if by.host != nil && by.forking() == nil {
		return ErrDead
	}
	if err := b.space.open(); err != nil {
		return err
	}
	if b.reaper {
		if b.space.parent != nil {
			h.addSpace(b.space)
		}
		b.space.reaper = h.handle(slot)
	}
	parent := uint32(0)
	if by.host != nil && !b.thread {
		parent = h.slab.at(by.slot).leader
	}
	h.install(slot, r, b.space, parent)
	return nil
}

// install makes a built task findable at every level, and lets it run. parent
// is that of a process; 0 for the root's reaper, and not asked for of a thread.
func (h *host) install(slot uint32, r *record, inner *Namespace, parent uint32) {
	r.space = inner.id
	for ns := inner; ns != nil; ns = ns.parent {
		h.enlist(ns, slot, r)
	}
	h.join(slot, r, parent)
	if h.keepAll {
		h.push(byAll, 0, &h.all, slot)
	}
	r.state = live
}

// enlist makes the task findable in one namespace.
func (h *host) enlist(ns *Namespace, slot uint32, r *record) {
	n := h.number(r, ns.level)
	n.chain = 0
	if ns.direct != nil {
		ns.direct.store(n.pid, slot)
	} else {
		ns.index.store(n.pid, slot)
	}
	ns.tasks++
	if ns.keepsLists {
		h.list(ns, slot, r)
	}
}

// list adds the task to the lists of one namespace.
func (h *host) list(ns *Namespace, slot uint32, r *record) {
	if ns.keepList {
		h.push(byList, ns.level, &ns.list, slot)
	}
	if ns.keepLeaders && r.leader == slot {
		h.push(byLeaders, ns.level, &ns.leaders, slot)
	}
	if ns.keepArray {
		h.extra(slot, r, ns.level).at = uint32(len(ns.array))
		ns.array = append(ns.array, slot)
	}
}

// join gives the task its family.
func (h *host) join(slot uint32, r *record, parent uint32) {
	if r.leader != slot {
		head := r.leader
		lead := h.slab.at(head)
		if lead.peers.next == 0 {
			lead.peers = link{head, head}
		}
		h.push(byThread, 0, &head, slot)
		lead.threads++
		return
	}
	r.threads = 1
	if parent != 0 {
		h.bear(r, parent)
	}
}
