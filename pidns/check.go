package pidns

import (
	"fmt"
	"slices"

	"example.com/pidmap/alloc"
)

// verify looks at everything that a host holds and gives the first thing that
// is wrong: records against namespaces, numbers against indexes, lists, families
// and maps against records. It trusts no count. Numbers may be taken by nobody
// only while forks are between their steps. It costs O(records × levels).
// host.mu is held for changes.
func (h *host) verify() error {
	c := &checker{h: h, n: int(h.slab.next)}
	for _, step := range []func() error{c.records, c.numbers, c.lists, c.families, c.merged, c.maps, c.uppers} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// smallHost is how many records a host may have used for verify to run after
// every change.
const smallHost = 256

// mustHold panics where verify finds a fault that no test has planted. It runs
// after every change to a small host under the build tag pidmap_invariants.
func (h *host) mustHold() {
	if h.slab.next > smallHost || h.faults.wrong() {
		return
	}
	if err := h.verify(); err != nil {
		panic(err)
	}
}

// checker counts what it finds in the records, and holds the rest against it.
type checker struct {
	h        *host
	n        int // slots ever used, and 1
	reserved int

	tasks, leaders         map[*Namespace]int
	subreapers             map[*Namespace]int
	all                    int
	kids, zombies, threads map[uint32]int // by the leader's slot
	members                map[uint32]int // of a ring of threads, but the leader
	hooked, awaited        int
	entered                int
	rows                   map[int]int    // by level
	refs                   map[uint32]int // by family: members, and owners
}

// published gives the record of a slot that somebody may find.
func (c *checker) published(slot uint32) (*record, error) {
	if slot == 0 || int(slot) >= c.n {
		return nil, fmt.Errorf("slot %d was never handed out", slot)
	}
	if r := c.h.slab.at(slot); r.state > reserved {
		return r, nil
	}
	return nil, fmt.Errorf("slot %d is not a task", slot)
}

// records goes through the slab.
func (c *checker) records() error {
	c.tasks, c.leaders, c.subreapers = map[*Namespace]int{}, map[*Namespace]int{}, map[*Namespace]int{}
	c.kids, c.zombies, c.threads, c.members = map[uint32]int{}, map[uint32]int{}, map[uint32]int{}, map[uint32]int{}
	c.rows, c.refs = map[int]int{}, map[uint32]int{}
	unused := 0
	for slot := 1; slot < c.n; slot++ {
		r := c.h.slab.at(uint32(slot))
		switch r.state {
		case free:
			if r.generation() != 0 {
				unused++
			}
			if err := blank(r); err != nil {
				return fmt.Errorf("slot %d: %w", slot, err)
			}
			continue
		case reserved:
			c.reserved++
		default:
			if err := c.record(uint32(slot), r); err != nil {
				return fmt.Errorf("slot %d, pid %d, state %d: %w", slot, r.own.pid, r.state, err)
			}
		}
		if r.level > 0 {
			c.rows[int(r.level)]++
		}
	}
	spare := slices.Clone(c.h.slab.spare)
	slices.Sort(spare)
	if n := len(slices.Compact(spare)); n != len(c.h.slab.spare) || n != unused {
		return fmt.Errorf("%d free records, %d of %d spare slots differ", unused, n, len(c.h.slab.spare))
	}
	for _, slot := range spare {
		if int(slot) >= c.n || c.h.slab.at(slot).state != free {
			return fmt.Errorf("spare slot %d is not free", slot)
		}
	}
	return nil
}

// blank tells what is left in a record that is nobody's.
func blank(r *record) error {
	if was := (record{word: uint64(r.generation()) << 32}); *r != was {
		return fmt.Errorf("a free record is not blank")
	}
	return nil
}

// record looks at one published task, and counts it.
func (c *checker) record(slot uint32, r *record) error {
	h := c.h
	if int(r.space) >= len(h.spaces) || h.spaces[r.space] == nil {
		return fmt.Errorf("it is in namespace %d, which is gone", r.space)
	}
	ns, leads := h.spaces[r.space], r.leader == slot
	if ns.level != int(r.level) {
		return fmt.Errorf("level %d in a namespace of level %d", r.level, ns.level)
	}
	for ; ns != nil; ns = ns.parent {
		pid := h.number(r, ns.level).pid
		if got, ok := ns.pids.Next(pid - 1); !ok || got != pid {
			return fmt.Errorf("level %d: number %d is not taken", ns.level, pid)
		}
		if got := ns.find(pid); got != slot {
			return fmt.Errorf("level %d: number %d finds slot %d", ns.level, pid, got)
		}
		c.tasks[ns]++
		if leads {
			c.leaders[ns]++
		}
	}
	c.all++
	lead, err := c.published(r.leader)
	if err != nil {
		return fmt.Errorf("leader: %w", err)
	}
	if lead.leader != r.leader || lead.space != r.space {
		return fmt.Errorf("the leader, slot %d, leads nobody here", r.leader)
	}
	return c.state(slot, r, lead)
}

// state looks at where a task stands in its life, and counts it in its family.
func (c *checker) state(slot uint32, r, lead *record) error {
	leads := r.leader == slot
	if r.state == live {
		c.threads[r.leader]++
	}
	switch {
	case !leads:
		c.members[r.leader]++
		if r.state != live || r.family|r.kids|r.threads != 0 || r.flags&(awaited|subreaper|doomed|stopped) != 0 {
			return fmt.Errorf("a thread with what only a leader has: %+v", r)
		}
		if lead.state != live && lead.state != deadFront {
			return fmt.Errorf("a thread of a dead process")
		}
	case r.family == 0:
		if slot != c.h.spaces[0].reaper.slot || r.state != live {
			return fmt.Errorf("no parent, and not the root's reaper")
		}
	default:
		if err := c.child(slot, r); err != nil {
			return err
		}
	}
	if r.state == exiting && c.h.spaces[r.space].reaper.slot != slot {
		return fmt.Errorf("exiting, and no reaper")
	}
	if r.state == zombie && (r.kids != 0 || r.flags&subreaper != 0) {
		return fmt.Errorf("a zombie with children, or that would get some")
	}
	if r.state != live && r.flags&hooked != 0 || r.state > deadFront && r.flags&awaited != 0 {
		return fmt.Errorf("a dead task with a program or somebody waiting: flags %b", r.flags)
	}
	if r.state == live && r.flags&killed != 0 && r.flags&hooked == 0 {
		return fmt.Errorf("killed, no program behind it, and alive")
	}
	c.count(r)
	return nil
}

func (c *checker) count(r *record) {
	if r.flags&hooked != 0 {
		c.hooked++
	}
	if r.flags&awaited != 0 {
		c.awaited++
	}
	if r.flags&entered != 0 {
		c.entered++
	}
	if r.flags&subreaper != 0 {
		c.subreapers[c.h.spaces[r.space]]++
	}
}

// numbers holds every namespace's numbers and index against the records.
func (c *checker) numbers() error {
	for id, ns := range c.h.spaces {
		if ns == nil {
			if !slices.Contains(c.h.holes, uint32(id)) {
				return fmt.Errorf("namespace %d is gone and its index lost", id)
			}
			continue
		}
		if err := c.space(uint32(id), ns); err != nil {
			return fmt.Errorf("namespace %d, level %d: %w", id, ns.level, err)
		}
	}
	for i, id := range c.h.holes {
		if c.h.spaces[id] != nil || slices.Contains(c.h.holes[:i], id) {
			return fmt.Errorf("hole %d is none", id)
		}
	}
	return nil
}

func (c *checker) space(id uint32, ns *Namespace) error {
	if ns.host != c.h || ns.id != id || ns.gone || id == 0 != (ns.parent == nil) {
		return fmt.Errorf("index %d, gone=%t", ns.id, ns.gone)
	}
	if ns.parent != nil && (ns.level != ns.parent.level+1 || ns.parent.gone) {
		return fmt.Errorf("it lies in level %d, gone=%t", ns.parent.level, ns.parent.gone)
	}
	r := ns.reaper.record()
	if r == nil || r.space != id || r.own.pid != 1 || r.leader != ns.reaper.slot {
		return fmt.Errorf("its reaper is not its pid 1")
	}
	if err := c.taken(ns); err != nil {
		return err
	}
	if ns.subreapers != c.subreapers[ns] || ns.heirs == 0 {
		return fmt.Errorf("%d subreapers, and it says %d", c.subreapers[ns], ns.subreapers)
	}
	others := ns.pids.Len()
	for slot := 1; slot < c.n; slot++ {
		if m := c.h.slab.at(uint32(slot)); m.state > reserved && m.leader == ns.reaper.slot {
			others--
		}
	}
	shut := ns.pids.Terminating()
	switch {
	case others != ns.left():
		return fmt.Errorf("%d are left, and it says %d", others, ns.left())
	case ns.empty != nil && others == 0:
		return fmt.Errorf("a zap waits, and nobody is left")
	case r.state > deadFront && !shut:
		return fmt.Errorf("its reaper is dead and its gate open")
	case (r.state == exiting && others == 0) || (r.state == zombie && others != 0):
		return fmt.Errorf("its reaper is in state %d and %d are left", r.state, others)
	case shut && r.kids != 0 && c.h.families.all[r.kids].first != 0:
		return fmt.Errorf("a zombie child of its reaper after the gate was shut")
	}
	return nil
}

// taken holds the numbers of ns against its tasks and its index.
func (c *checker) taken(ns *Namespace) error {
	n, tasks, before := 0, 0, alloc.PID(0)
	for pid, ok := ns.pids.Next(0); ok; pid, ok = ns.pids.Next(pid) {
		if pid <= before || pid >= ns.config.Limits.Max {
			return fmt.Errorf("number %d after %d, of %d", pid, before, ns.config.Limits.Max)
		}
		before = pid
		n++
		if ns.index.load(pid) != 0 {
			tasks++
		}
	}
	if n != ns.pids.Len() || tasks != ns.tasks || tasks != c.tasks[ns] || n-tasks > c.reserved {
		return fmt.Errorf("%d numbers (it says %d), %d with a task (it says %d), %d records, %d reserved",
			n, ns.pids.Len(), tasks, ns.tasks, c.tasks[ns], c.reserved)
	}
	if held := ns.held(); held != tasks {
		return fmt.Errorf("the index holds %d, of %d tasks", held, tasks)
	}
	return nil
}

// held counts what is in the index, whether or not its number is taken.
func (ns *Namespace) held() int {
	n := 0
	switch x := ns.index.(type) {
	case *table:
		for pid := range alloc.PID(64 * len(x.pages)) {
			if ns.find(pid) != 0 {
				n++
			}
		}
	case *hash:
		for _, slot := range x.heads {
			for ; slot != 0 && n <= int(ns.host.slab.next); slot = x.numberOf(slot).chain {
				n++
			}
		}
		if n != x.n {
			return -1
		}
	default: // it holds nothing but what its numbers find
		return ns.tasks
	}
	return n
}
