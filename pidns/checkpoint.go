package pidns

import (
	"cmp"
	"slices"

	"example.com/pidmap/alloc"
)

// allLists is what Config.Lists may name, in the order of a snapshot.
var allLists = []Sweep{List, Array, Leaders, Global}

// Checkpoint writes down ns and everything below it at one moment: each
// namespace with its Config, its Last and its gate; each task with its numbers
// from the level of ns down to its own, its process, parent, state and marks;
// zombies with their status, in the order in which Wait gives them; signals
// pending. A first-in-first-out registry's queue of free numbers is in it too.
// Programs are not: a task that has been told SIGKILL and has not gone has it
// pending in the snapshot, for the program to come. Neither are callers: a zap
// of a namespace below that has shut its gate and marked nobody yet leaves the
// copy a shut gate, to be zapped again. A parent outside ns is recorded as that
// and no more.
//
// It fails with ErrNotFrozen unless ns or a namespace above it is frozen, and
// with alloc.ErrTerminating once the gate of ns or of one above is shut. It
// holds the lock for its whole length, O(tasks × levels), a fraction of a
// microsecond each. What it takes down follows CRIU's images of a process tree
// (core, pstree, ns_last_pid).
func (ns *Namespace) Checkpoint() (*Snapshot, error) {
	h := ns.host
	h.lock()
	defer h.unlock()
	switch {
	case !ns.stopped():
		return nil, ErrNotFrozen
	case ns.gone || ns.dying():
		return nil, alloc.ErrTerminating
	}
	w := &writer{h: h, top: ns, ids: map[*Namespace]int{}}
	w.snap.Version = snapshotVersion
	w.snap.Tasks = make([]SnapshotTask, 0, ns.tasks)
	w.writeSpaces()
	w.writeTasks()
	return &w.snap, nil
}

// writer is a Checkpoint under way. The lock is held, for changes: no sweep is
// half done.
type writer struct {
	h    *host
	top  *Namespace
	snap Snapshot

	ids    map[*Namespace]int // places in snap.Namespaces
	ending []bool             // by place: its reaper is exiting, or that of one above
	pids   []alloc.PID        // room for the numbers of tasks to come
}

// writeSpaces writes down the namespaces that somebody is left in, by level and
// then by the number of the reaper.
func (w *writer) writeSpaces() {
	var spaces []*Namespace
	w.top.each(func(slot uint32, r *record) {
		if ns := w.h.spaces[r.space]; ns.reaper.slot == slot {
			spaces = append(spaces, ns)
		}
	})
	slices.SortStableFunc(spaces, func(a, b *Namespace) int { return cmp.Compare(a.level, b.level) })
	for _, ns := range spaces {
		w.writeSpace(ns)
		state := w.h.slab.at(ns.reaper.slot).state
		w.ending = append(w.ending, state == exiting || ns != w.top && w.ending[w.ids[ns.parent]])
	}
}

// writeSpace writes down one namespace, after the one that holds it.
func (w *writer) writeSpace(ns *Namespace) {
	n := SnapshotNamespace{In: -1, Registry: cmp.Or(ns.config.Registry, TreeTable), Gone: ns.gone}
	l := ns.pids.Limits()
	n.Max, n.Reserved = l.Max, l.Reserved
	for _, list := range allLists {
		if slices.Contains(ns.config.Lists, list) {
			n.Lists = append(n.Lists, list)
		}
	}
	if ns != w.top {
		n.In = w.place(ns.parent)
	}
	if !ns.gone {
		n.Last, n.Free = ns.pids.Last(), ns.queue()
	}
	if ns != w.top && !ns.gone {
		n.Frozen, n.Shut = ns.frozen, ns.pids.Terminating()
	}
	w.ids[ns] = len(w.snap.Namespaces)
	w.snap.Namespaces = append(w.snap.Namespaces, n)
}

// place finds a namespace in the snapshot. One that is gone is written down
// when somebody's children would be born in it.
func (w *writer) place(ns *Namespace) int {
	if _, ok := w.ids[ns]; !ok {
		w.writeSpace(ns)
	}
	return w.ids[ns]
}

// queue gives the free numbers in the order in which they go out, in runs;
// nothing where the registry has no such order. A number without a task is one
// of a fork that is going to be undone: it counts as free.
func (ns *Namespace) queue() [][2]alloc.PID {
	t, ok := ns.pids.(*alloc.Table[uint32])
	if !ok {
		return nil
	}
	var runs [][2]alloc.PID
	add := func(pid alloc.PID) {
		if n := len(runs); n > 0 && runs[n-1][1] == pid {
			runs[n-1][1]++
			return
		}
		runs = append(runs, [2]alloc.PID{pid, pid + 1})
	}
	if t.Len() != ns.tasks {
		for pid, ok := t.Next(0); ok; pid, ok = t.Next(pid) {
			if ns.at(pid) == 0 {
				add(pid)
			}
		}
	}
	for pid := range t.Queue() {
		add(pid)
	}
	return runs
}

// writeTasks writes down the processes that are not zombies, by number and each
// with its threads, and then the zombies: those with a parent outside, parent
// by parent, and those of each process.
func (w *writer) writeTasks() {
	var processes []uint32
	w.top.each(func(slot uint32, r *record) {
		if r.leader != slot || r.state == zombie {
			return
		}
		processes = append(processes, slot)
		w.writeTask(slot, r)
		for t := r.peers.next; t != 0 && t != slot; {
			thread := w.h.slab.at(t)
			w.writeTask(t, thread)
			t = thread.peers.next
		}
	})
	written := map[uint32]bool{} // parents outside
	w.top.each(func(_ uint32, r *record) {
		if r.state == zombie && w.outside(r) && !written[w.h.parentOf(r)] {
			parent := w.h.parentOf(r)
			written[parent] = true
			w.writeZombies(w.h.slab.at(parent))
		}
	})
	for _, slot := range processes {
		w.writeZombies(w.h.slab.at(slot))
	}
}

// outside tells whether a process's parent is: for the root's reaper, there is
// none.
func (w *writer) outside(r *record) bool {
	parent := w.h.parentOf(r)
	return parent == 0 || !w.h.inside(w.h.slab.at(parent), w.top)
}

// writeZombies writes down those of a parent that are in the first namespace.
func (w *writer) writeZombies(parent *record) {
	if parent.kids == 0 {
		return
	}
	for slot := w.h.families.all[parent.kids].first; slot != 0; {
		r := w.h.slab.at(slot)
		if w.h.inside(r, w.top) {
			w.writeTask(slot, r)
		}
		slot = r.peers.next
	}
}

func (w *writer) writeTask(slot uint32, r *record) {
	t := SnapshotTask{In: w.place(w.h.spaces[r.space]), PIDs: w.numbers(r), Status: r.status}
	if r.leader != slot {
		t.Leader = w.pid(r.leader)
	} else if !w.outside(r) {
		t.Parent = w.pid(w.h.parentOf(r))
	}
	pending := r.pending()
	switch r.state {
	case live:
		t.Stopped = w.h.slab.at(r.leader).flags&stopped != 0
		if r.flags&entered != 0 {
			t.Born = w.place(w.h.births[slot])
		}
		if w.ending[t.In] {
			pending |= bit(sigKill) // the sweep that a reaper's exit starts may not have come by yet
		}
	case deadFront:
		t.State = stateExited
	case exiting:
		t.State = stateExiting
	case zombie:
		t.State = stateZombie
	}
	if r.state == live {
		t.Limited = max(0, int(r.choose)-w.top.level)
	}
	if r.state != zombie {
		t.Subreaper, t.Doomed = r.flags&subreaper != 0, r.flags&doomed != 0
	}
	t.Pending = signals(pending)
	w.snap.Tasks = append(w.snap.Tasks, t)
}

// pid is the name of a task in the snapshot.
func (w *writer) pid(slot uint32) alloc.PID {
	return w.h.number(w.h.slab.at(slot), w.top.level).pid
}

// numbers gives a task's numbers, innermost level first.
func (w *writer) numbers(r *record) []alloc.PID {
	n := int(r.level) - w.top.level + 1
	if cap(w.pids)-len(w.pids) < n {
		w.pids = make([]alloc.PID, 0, 1024+n)
	}
	from := len(w.pids)
	for level := int(r.level); level >= w.top.level; level-- {
		w.pids = append(w.pids, w.h.number(r, level).pid)
	}
	return slices.Clip(w.pids[from:])
}
