package pidns

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"example.com/pidmap/alloc"
)

// Restore makes a checkpointed namespace again, and everything below it, with
// the same numbers in each of them. The zero parent makes it a root on a host
// of its own. Any other makes it a namespace where parent's children are born;
// the numbers above are the next ones there. parent's process becomes the
// parent of the reaper and of every task whose parent was outside; in a root
// those become the reaper's children, as when their parents die.
//
// All or nothing: what fails leaves every namespace as it was, and nothing of
// the snapshot can be found. What succeeds is frozen, once, until Thaw: nobody
// runs or is born, and signals, SIGKILL included, stay pending. hook, if not
// nil, is called for every restored task, by number, zombies included, with no
// lock held and before Restore returns: the time to put programs back
// (OnSignal), who are told SIGCONT, and what is pending, at the thaw. (To a task
// with SIGKILL pending, a further signal brings that at once, and so does a
// zap.) Where it panics, or ends its goroutine, the restore is undone before that
// goes on, with whatever has been made of the copy meanwhile. Numbers go out afterwards as they would have in the original. snap is
// only read, and must not change meanwhile.
//
// Restore fails with ErrVersion and ErrSnapshot (which wrap ErrInvalid) for a
// snapshot that cannot be, or that asks for far more memory than its size
// accounts for; with ErrNoList where a namespace keeps Global and the root
// does not; with ErrTooDeep; and as a fork does: with ErrDead,
// alloc.ErrTerminating (a gate is shut there or above) and alloc.ErrFull. While
// the place is frozen it waits, as a fork does. A root's reaper cannot die:
// ErrKillInit where it has been killed, or its leader has exited. The lock is
// held for all of it, O(tasks × levels), a fraction of a microsecond each.
// Source: CRIU's restore; clone3's set_tid for the numbers and
// /proc/sys/kernel/ns_last_pid for the next one, as pid_namespaces(7) and
// clone(2) have them.
func Restore(parent Task, snap *Snapshot, hook func(Task)) (*Namespace, error) {
	p, err := snap.plan()
	if err != nil {
		return nil, err
	}
	r := &restoration{plan: p, parent: parent, h: parent.host}
	if r.h == nil {
		if err := p.canBeRoot(); err != nil {
			return nil, err
		}
		r.h = newHost(p.stride())
	}
	ns, err := r.run()
	if err == nil && hook != nil {
		r.introduce(hook)
	}
	return ns, err
}

// stride is that of a host for what is restored.
func (p *plan) stride() uintptr {
	room := recordSize
	for i := range p.Namespaces {
		room = max(room, roomFor(p.Namespaces[i].Lists))
	}
	return room
}

// canBeRoot tells whether the first namespace's reaper can be a root's.
func (p *plan) canBeRoot() error {
	reaper := p.spaces[0].reaper
	dies := p.Tasks[reaper].State != "" || p.Tasks[reaper].Doomed
	for i := range p.Tasks {
		dies = dies || p.tasks[i].leader == reaper && slices.Contains(p.Tasks[i].Pending, syscall.SIGKILL)
	}
	if dies {
		return fmt.Errorf("pidns: the snapshot's reaper is dead or killed: %w", ErrKillInit)
	}
	return nil
}

// restoration is a Restore under way: a fork of many. Its steps are those of a
// fork; nothing is findable before the last, which cannot fail.
type restoration struct {
	*plan
	parent Task // zero: the namespace becomes a root
	h      *host
	outer  *Namespace // where it is made; nil for a root

	made  []*Namespace // by place in the snapshot
	slots []uint32     // by place of the task
	lasts []alloc.PID  // of the levels above, before anything was taken

	handles []Task // of what is published, by place of the task
}

func (r *restoration) run() (*Namespace, error) {
	for {
		r.h.lock()
		err := r.attempt()
		if err == nil {
			r.h.unlock()
			return r.made[0], nil
		}
		if !errors.Is(err, errFrozen) {
			r.h.unlock()
			return nil, err
		}
		thawed := r.h.park(r.parent)
		r.h.unlock()
		<-thawed
	}
}

// attempt makes all or nothing. The lock is held.
func (r *restoration) attempt() error {
	r.made, r.slots, r.lasts = nil, nil, nil
	if r.parent.host != nil {
		p := r.parent.forking()
		if p == nil {
			return ErrDead
		}
		r.outer = r.h.birthplace(r.parent.slot, p)
	}
	for _, step := range []func() error{r.mayBeBorn, r.room, r.makeSpaces} {
		if err := step(); err != nil {
			return err
		}
	}
	err := r.reserve()
	if err == nil {
		r.breathe()
		r.build()
		r.breathe()
		err = r.mayBeBorn()
	}
	if err != nil {
		r.unreserve()
		return err
	}
	r.publish()
	return nil
}

func (r *restoration) breathe() {
	if r.h.faults != nil {
		r.h.breathe()
	}
}

// mayBeBorn tells whether a fork of the parent's could be published.
func (r *restoration) mayBeBorn() error {
	if r.outer == nil {
		return nil
	}
	if r.parent.forking() == nil {
		return ErrDead
	}
	return r.outer.open()
}

// room tells whether there are numbers enough at the levels above at all, so
// that none is taken in vain. Those below Reserved may be out of reach: that
// shows when they are taken.
func (r *restoration) room() error {
	for ns := r.outer; ns != nil; ns = ns.parent {
		if ns.pids.Len()+len(r.Tasks) >= int(ns.pids.Limits().Max) {
			return alloc.ErrFull
		}
	}
	return nil
}

// makeSpaces makes the namespaces, empty and unknown to anybody.
func (r *restoration) makeSpaces() error {
	for i := range r.Namespaces {
		n := &r.Namespaces[i]
		outer := r.outer
		if i > 0 {
			outer = r.made[n.In]
		}
		cfg := Config{Limits: n.limits(), Registry: n.Registry, Lists: n.Lists}
		ns, err := newNamespace(r.h, outer, cfg)
		if err != nil {
			return fmt.Errorf("pidns: namespace %d of the snapshot: %w", i, err)
		}
		r.made = append(r.made, ns)
	}
	return nil
}

// reserve takes the numbers at every level, and makes those to come next the
// ones that they were.
func (r *restoration) reserve() error {
	for ns := r.outer; ns != nil; ns = ns.parent {
		r.lasts = append(r.lasts, ns.last())
	}
	slices.Reverse(r.lasts) // by level
	for i := range r.Tasks {
		t := &r.Tasks[i]
		slot, _, err := r.h.reserve(&birth{space: r.made[t.In], at: t.PIDs})
		if err != nil {
			return err
		}
		r.slots = append(r.slots, slot)
	}
	for i, ns := range r.made {
		n := &r.Namespaces[i]
		if err := ns.goOn(n); err != nil {
			return fmt.Errorf("%w: namespace %d: %w", ErrSnapshot, i, err)
		}
	}
	return nil
}

// goOn sets what the next number depends on.
func (ns *Namespace) goOn(n *SnapshotNamespace) error {
	t, ok := ns.pids.(*alloc.Table[uint32])
	switch {
	case n.Gone:
		return nil
	case ok:
		return t.Requeue(n.Last, n.order())
	}
	return ns.pids.SetLast(n.Last)
}

// unreserve gives everything back, the last that was taken first, and tells
// those who wait for a namespace above to empty.
func (r *restoration) unreserve() {
	for i, slot := range slices.Backward(r.slots) {
		r.h.unreserve(slot, r.made[r.Tasks[i].In], nil)
	}
	for ns := r.outer; ns != nil; ns = ns.parent {
		r.h.settle(ns)
	}
}

// build fills in the records. Nobody can find them yet.
func (r *restoration) build() {
	for i, slot := range r.slots {
		t, rec := &r.Tasks[i], r.h.slab.at(slot)
		rec.leader = r.slots[r.tasks[i].leader]
		rec.status = t.Status
		rec.choose = r.limit(t.Limited)
		rec.flags = t.flags()
		if t.Stopped {
			r.h.slab.at(rec.leader).flags |= stopped // which comes before it
		}
		rec.mark(t.pending())
		if t.State != stateZombie {
			rec.mark(frozenMark)
		}
	}
}

// limit is where a restored task may choose numbers: as it might below the level
// of the first namespace, and as the parent may above.
func (r *restoration) limit(limited int) uint8 {
	if r.outer == nil {
		return uint8(limited)
	}
	choose := r.h.slab.at(r.parent.slot).choose
	if limited > 0 {
		choose = max(choose, uint8(min(limited+r.outer.level+1, mayNotChoose)))
	}
	return choose
}

// parentOf gives the slot of the parent process; 0 for threads, and for the
// reaper of a root.
func (r *restoration) parentOf(i int) uint32 {
	found := &r.tasks[i]
	switch {
	case found.parent >= 0:
		return r.slots[found.parent]
	case found.leader != i:
		return 0
	case r.outer != nil:
		return r.h.slab.at(r.parent.slot).leader
	case i != r.spaces[0].reaper:
		return r.slots[r.spaces[0].reaper]
	}
	return 0
}

func (t *SnapshotTask) flags() flags {
	f := flags(0)
	if t.Subreaper {
		f |= subreaper
	}
	if t.Doomed {
		f |= doomed
	}
	return f
}

// publish makes everything findable at every level.
func (r *restoration) publish() {
	for i, ns := range r.made {
		if ns.gone = r.Namespaces[i].Gone; !ns.gone {
			r.h.addSpace(ns)
			ns.reaper = r.h.handle(r.slots[r.spaces[i].reaper])
		}
	}
	for i, slot := range r.slots {
		r.publishTask(i, slot)
		r.handles = append(r.handles, r.h.handle(slot))
	}
	for i, ns := range r.made {
		n := &r.Namespaces[i]
		if n.Shut || n.Gone {
			ns.pids.Terminate()
		}
		if ns.frozen = n.Frozen; i == 0 {
			ns.frozen = 1
		}
		if ns.frozen > 0 {
			r.h.frozen++
		}
	}
	if r.outer != nil {
		leader := r.h.slab.at(r.parent.slot).leader
		r.h.wake(leader, r.h.slab.at(leader)) // there may be zombies for it
	}
}

func (r *restoration) publishTask(i int, slot uint32) {
	h, t, rec := r.h, &r.Tasks[i], r.h.slab.at(slot)
	h.install(slot, rec, r.made[t.In], r.parentOf(i))
	switch t.State {
	case stateExited:
		rec.state = deadFront
		rec.threads--
	case stateExiting:
		rec.state = exiting
		rec.threads--
	case stateZombie:
		rec.state = zombie
		rec.threads--
		f := h.families.top(rec.family)
		f.live--
		h.corpse(f, slot, rec)
	}
	if t.Subreaper {
		r.made[t.In].subreapers++
	}
	if t.Born != 0 {
		h.births[slot] = r.made[t.Born]
		rec.flags |= entered
	}
}
