package pidns

import (
	"fmt"
	"iter"
	"slices"

	"example.com/pidmap/alloc"
)

// Namespace is a PID namespace: numbers, and the tasks that hold them. A task
// of a namespace has a number in it and in every namespace above. All methods
// are safe for concurrent use.
type Namespace struct {
	host   *host
	parent *Namespace
	level  int
	id     uint32 // index into host.spaces
	config Config // as given, limits filled in

	// The rest is guarded by host.mu.
	pids   alloc.Allocator // the numbers; its gate is the namespace's
	pidmap *alloc.Pidmap   // the numbers again, where they are one: asked without the interface
	set    numbers         // the numbers again, without the policy: what walks ask
	index  index           // the tasks by number
	direct *table          // the index again, where it is the direct table
	tasks  int             // published
	reaper Task
	frozen int           // Freeze without Thaw
	empty  chan struct{} // closed when a zap has nothing left to wait for; nil while nobody waits
	gone   bool          // the reaper has been reaped, and its slot may be anybody's

	subreapers int    // processes that are, zombies not counted
	heirs      uint32 // goes on when somebody's heir may be another: see subreaper.go

	keepsLists  bool // any of those here
	keepList    bool
	keepLeaders bool
	keepArray   bool
	list        uint32   // head of byList
	leaders     uint32   // head of byLeaders
	array       []uint32 // slots
}

// New makes a root namespace on a host of its own, with its reaper, pid 1. It
// fails with alloc.ErrRange or ErrInvalid, naming what is wrong in cfg.
func New(cfg Config) (*Namespace, error) {
	stride, err := cfg.stride()
	if err != nil {
		return nil, err
	}
	h := newHost(stride)
	ns, err := newNamespace(h, nil, cfg)
	if err != nil {
		return nil, err
	}
	h.lock()
	defer h.unlock()
	h.addSpace(ns)
	if _, err := h.fork(Task{}, &birth{space: ns, reaper: true}); err != nil {
		return nil, err
	}
	return ns, nil
}

// stride is that of a new host.
func (cfg Config) stride() (uintptr, error) {
	if cfg.Stride == 0 {
		return roomFor(cfg.Lists), nil
	}
	if cfg.Stride < int(recordSize) || cfg.Stride > 64<<10 || cfg.Stride%32 != 0 {
		return 0, fmt.Errorf("pidns: Stride %d is no multiple of 32 in [%d, %d]: %w", cfg.Stride, recordSize, 64<<10, ErrInvalid)
	}
	return uintptr(cfg.Stride), nil
}

// roomFor is the stride of a host where these lists are kept: what they need
// beside a record lies behind it.
func roomFor(lists []Sweep) uintptr {
	for _, list := range lists {
		if list != List {
			return (recordSize + extraSize + 31) &^ 31
		}
	}
	return recordSize
}

// newNamespace makes an empty namespace that nobody knows of yet.
func newNamespace(h *host, parent *Namespace, cfg Config) (*Namespace, error) {
	ns := &Namespace{host: h, parent: parent, heirs: 1}
	if parent != nil {
		ns.level = parent.level + 1
	}
	if ns.level > MaxLevel {
		return nil, ErrTooDeep
	}
	if parent != nil && cfg.Stride != 0 {
		return nil, fmt.Errorf("pidns: Stride %d: only a root can have one: %w", cfg.Stride, ErrInvalid)
	}
	if err := ns.setLists(cfg.Lists); err != nil {
		return nil, err
	}
	if err := ns.setRegistry(cfg.Registry, cfg.Limits); err != nil {
		return nil, err
	}
	ns.config = cfg
	ns.config.Limits = ns.pids.Limits()
	ns.config.Lists = slices.Clone(cfg.Lists)
	return ns, nil
}

func (ns *Namespace) setLists(lists []Sweep) error {
	for _, s := range lists {
		switch s {
		case List:
			ns.keepList = true
		case Array:
			ns.keepArray = true
		case Leaders:
			ns.keepLeaders = true
		case Global:
			if ns.parent == nil {
				ns.host.keepAll = true
			} else if !ns.host.keepAll {
				return fmt.Errorf("pidns: list %q is the host's, and the root does not keep it: %w", s, ErrNoList)
			}
		default:
			return fmt.Errorf("pidns: %q is no list: %w", s, ErrInvalid)
		}
	}
	ns.keepsLists = ns.keepList || ns.keepArray || ns.keepLeaders
	return nil
}

// Reaper is pid 1. Once it is reaped, the handle is stale.
func (ns *Namespace) Reaper() Task {
	ns.host.mu.Lock()
	defer ns.host.mu.Unlock()
	return ns.reaper
}

// Task finds a task by its number in ns, zombies included, in O(1) (over a
// hash: a chain). Any number is allowed.
func (ns *Namespace) Task(pid alloc.PID) (Task, bool) {
	h := ns.host
	h.mu.Lock()
	defer h.mu.Unlock()
	slot := ns.find(pid)
	if slot == 0 {
		return Task{}, false
	}
	return h.handle(slot), true
}

// find gives the slot of a published task, or 0. host.mu is held.
func (ns *Namespace) find(pid alloc.PID) uint32 {
	if pid < 1 {
		return 0
	}
	slot := ns.at(pid)
	if slot == 0 || ns.direct == nil {
		return slot
	}
	h := ns.host
	r := h.slab.at(slot)
	if r.state <= reserved || !h.inside(r, ns) || h.number(r, ns.level).pid != pid {
		return 0 // what is left of the last task with that number
	}
	return slot
}

// at is find for numbers that are taken.
func (ns *Namespace) at(pid alloc.PID) uint32 {
	if ns.direct != nil {
		return ns.direct.load(pid)
	}
	return ns.index.load(pid)
}

// Parent is the namespace that holds ns; nil for a root.
func (ns *Namespace) Parent() *Namespace { return ns.parent }

// Level is the depth of ns: 0 for a root.
func (ns *Namespace) Level() int { return ns.level }

// Last is the number handed out last.
func (ns *Namespace) Last() alloc.PID {
	ns.host.mu.Lock()
	defer ns.host.mu.Unlock()
	return ns.pids.Last()
}

// Len is the number of tasks with a number here: descendants' and zombies
// included.
func (ns *Namespace) Len() int {
	ns.host.mu.Lock()
	defer ns.host.mu.Unlock()
	return ns.tasks
}

// Terminating tells whether the gate is shut: by a zap of ns or by the exit of
// its reaper. It says nothing of the namespaces above.
func (ns *Namespace) Terminating() bool {
	ns.host.mu.Lock()
	defer ns.host.mu.Unlock()
	return ns.pids.Terminating()
}

// Tasks yields the tasks of ns in ascending order of their numbers there. The
// walk keeps a number and no pointer: a task that stays is never left out,
// whatever comes and goes beside it. No lock is held while the caller looks.
func (ns *Namespace) Tasks() iter.Seq2[alloc.PID, Task] {
	return func(yield func(alloc.PID, Task) bool) {
		var pids [batchSize]alloc.PID
		var tasks [batchSize]Task
		for after, n := alloc.PID(0), batchSize; n == batchSize; after = pids[n-1] {
			n = ns.gather(after, &pids, &tasks)
			for i := range n {
				if tasks[i] != (Task{}) && !yield(pids[i], tasks[i]) {
					return
				}
			}
			if n == 0 {
				return
			}
		}
	}
}

// gather brings in the next numbers after one, and their tasks: none where the
// number has no task yet.
func (ns *Namespace) gather(after alloc.PID, pids *[batchSize]alloc.PID, tasks *[batchSize]Task) int {
	h := ns.host
	h.mu.Lock()
	defer h.mu.Unlock()
	n := ns.set.NextN(after, pids[:])
	for i, pid := range pids[:n] {
		tasks[i] = Task{}
		if slot := ns.at(pid); slot != 0 {
			tasks[i] = h.handle(slot)
		}
	}
	return n
}

// dying tells whether the gate of ns or of one above it is shut.
func (ns *Namespace) dying() bool {
	for ; ns != nil; ns = ns.parent {
		if ns.terminating() {
			return true
		}
	}
	return false
}
