package pidns

import (
	"fmt"
	"slices"
	"syscall"

	"example.com/pidmap/alloc"
)

// plan is a snapshot that has been looked through and can be restored: what it
// names is found. A step relies on those before it and on nothing else, so that
// a snapshot from anywhere does no harm: each costs O(numbers in the snapshot),
// and memory says what the restored namespaces will take before they take it.
type plan struct {
	*Snapshot
	spaces  []planSpace
	tasks   []planTask
	byPID   map[alloc.PID]int   // tasks by number in the first namespace
	numbers map[[2]int]struct{} // namespace and number, below the first
}

// planSpace is what is found out about a namespace.
type planSpace struct {
	level   int // below the first
	max     alloc.PID
	reaper  int       // its task; -1 without one
	members int       // tasks with a number in it
	highest alloc.PID // of the numbers
	ending  bool      // its reaper is exiting, or that of one above
}

// planTask is what is found out about a task.
type planTask struct {
	leader  int // itself where it leads
	parent  int // -1: outside, or it is a thread
	threads int // in a leader: how many others the group has
}

// plan looks everything through. It fails with ErrVersion and ErrSnapshot.
func (s *Snapshot) plan() (*plan, error) {
	if s == nil {
		return nil, fmt.Errorf("%w: none", ErrSnapshot)
	}
	if s.Version != snapshotVersion {
		return nil, fmt.Errorf("%w: %d", ErrVersion, s.Version)
	}
	p := &plan{
		Snapshot: s,
		spaces:   make([]planSpace, len(s.Namespaces)),
		tasks:    make([]planTask, len(s.Tasks)),
		byPID:    make(map[alloc.PID]int, len(s.Tasks)),
		numbers:  map[[2]int]struct{}{},
	}
	if len(s.Namespaces) == 0 {
		return nil, fmt.Errorf("%w: no namespace", ErrSnapshot)
	}
	steps := []struct {
		what string
		n    int
		look func(i int) error
	}{
		{"namespace", len(s.Namespaces), p.space},
		{"task", len(s.Tasks), p.task},
		{"task", len(s.Tasks), p.family},
		{"namespace", len(s.Namespaces), p.reaper},
		{"task", len(s.Tasks), p.life},
	}
	for _, step := range steps {
		for i := range step.n {
			if err := step.look(i); err != nil {
				return nil, fmt.Errorf("%w: %s %d: %w", ErrSnapshot, step.what, i, err)
			}
		}
	}
	for _, look := range []func() error{p.ancestors, p.memory} {
		if err := look(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
	}
	return p, nil
}

// maxFrozen bounds the freezes of one namespace.
const maxFrozen = 1 << 30

// space looks at a namespace by itself, and at the one that holds it.
func (p *plan) space(i int) error {
	n, found := &p.Namespaces[i], &p.spaces[i]
	found.reaper = -1
	if (n.In == -1) != (i == 0) || n.In >= i || n.In < -1 {
		return fmt.Errorf("it lies in namespace %d", n.In)
	}
	if i > 0 {
		found.level = p.spaces[n.In].level + 1
	}
	l, err := n.limits().Normalize()
	switch {
	case found.level > MaxLevel:
		return ErrTooDeep
	case err != nil:
		return err
	case !slices.Contains([]string{"", TreeTable, TreeHash, PagedHash, IDR, Table}, n.Registry):
		return fmt.Errorf("unknown registry %q", n.Registry)
	case n.Last < 0 || n.Last >= l.Max:
		return fmt.Errorf("last number %d is not in [0, %d)", n.Last, l.Max)
	case n.Frozen < 0 || n.Frozen > maxFrozen:
		return fmt.Errorf("frozen %d times", n.Frozen)
	case len(n.Free) > 0 && n.Registry != Table:
		return fmt.Errorf("registry %q has no queue of free numbers", n.Registry)
	case i == 0 && (n.Frozen != 0 || n.Shut || n.Gone):
		return fmt.Errorf("the first one is not frozen by itself, shut or gone")
	case n.Gone && (n.Last != 0 || n.Frozen != 0 || n.Shut || len(n.Free) > 0):
		return fmt.Errorf("it is gone, and something is left")
	case i > 0 && p.Namespaces[n.In].Gone && !n.Gone:
		return fmt.Errorf("it lies in one that is gone")
	}
	found.max = l.Max
	for _, list := range n.Lists {
		if !slices.Contains(allLists, list) {
			return fmt.Errorf("%q is no list", list)
		}
	}
	return nil
}

// task looks at a task's numbers.
func (p *plan) task(i int) error {
	t := &p.Tasks[i]
	if t.In < 0 || t.In >= len(p.Namespaces) || p.Namespaces[t.In].Gone {
		return fmt.Errorf("it is in namespace %d", t.In)
	}
	if want := p.spaces[t.In].level + 1; len(t.PIDs) != want {
		return fmt.Errorf("%d numbers for %d levels", len(t.PIDs), want)
	}
	for at, k := t.In, 0; k < len(t.PIDs); at, k = p.Namespaces[at].In, k+1 {
		if err := p.number(i, at, t.PIDs[k]); err != nil {
			return err
		}
	}
	return nil
}

// number looks at the number that task i has in namespace at.
func (p *plan) number(i, at int, pid alloc.PID) error {
	t, space := &p.Tasks[i], &p.spaces[at]
	if pid < 1 || pid >= space.max {
		return fmt.Errorf("number %d is not in [1, %d)", pid, space.max)
	}
	taken := false
	if at == 0 {
		_, taken = p.byPID[pid]
		p.byPID[pid] = i
	} else {
		key := [2]int{at, int(pid)}
		_, taken = p.numbers[key]
		p.numbers[key] = struct{}{}
	}
	if taken {
		return fmt.Errorf("number %d of namespace %d: %w", pid, at, alloc.ErrInUse)
	}
	if pid == 1 {
		if at != t.In || t.Leader != 0 {
			return fmt.Errorf("it is pid 1 of namespace %d, and not its reaper", at)
		}
		space.reaper = i
	}
	space.members++
	space.highest = max(space.highest, pid)
	return nil
}

// family looks at a task's leader and parent.
func (p *plan) family(i int) error {
	t, found := &p.Tasks[i], &p.tasks[i]
	found.leader, found.parent = i, -1
	if t.Leader != 0 {
		leader, ok := p.byPID[t.Leader]
		if !ok || leader >= i || p.Tasks[leader].Leader != 0 || p.Tasks[leader].In != t.In {
			return fmt.Errorf("number %d is no leader in its namespace that comes before it", t.Leader)
		}
		if t.Parent != 0 {
			return fmt.Errorf("a thread with a parent, number %d", t.Parent)
		}
		found.leader = leader
		p.tasks[leader].threads++
		return nil
	}
	if t.Parent == 0 {
		return nil
	}
	parent, ok := p.byPID[t.Parent]
	if !ok {
		return fmt.Errorf("no parent with number %d", t.Parent)
	}
	found.parent = parent
	of := &p.Tasks[parent]
	switch {
	case of.Leader != 0 || of.State == stateZombie:
		return fmt.Errorf("its parent, number %d, is a thread or a zombie", t.Parent)
	case !p.within(t.In, of.In) || p.spaces[t.In].reaper == i && t.In == of.In:
		return fmt.Errorf("its parent, number %d, cannot see it", t.Parent)
	case t.State == stateZombie && p.Namespaces[of.In].Shut && p.spaces[of.In].reaper == parent:
		return fmt.Errorf("a zombie whose parent, number %d, is a reaper that waits for nobody", t.Parent)
	}
	return nil
}

// within tells whether namespace i is outer or lies below it.
func (p *plan) within(i, outer int) bool {
	for i > outer {
		i = p.Namespaces[i].In
	}
	return i == outer
}

// reaper looks at who holds a namespace together.
func (p *plan) reaper(i int) error {
	n, found := &p.Namespaces[i], &p.spaces[i]
	if n.Gone {
		return nil
	}
	if found.reaper < 0 {
		return fmt.Errorf("no reaper: nobody is its pid 1")
	}
	state := p.Tasks[found.reaper].State
	found.ending = state == stateExiting || i > 0 && p.spaces[n.In].ending
	switch {
	case (state == stateExiting || state == stateZombie) && !n.Shut:
		return fmt.Errorf("its reaper is dead, and its gate not shut")
	case state == stateExiting && found.members == 1:
		return fmt.Errorf("its reaper is exiting, and nobody is left to wait for")
	case state == stateZombie && found.members != 1:
		return fmt.Errorf("its reaper is a zombie, and %d others are left", found.members-1)
	}
	return nil
}

// life looks at where a task stands in its life, and at its marks.
func (p *plan) life(i int) error {
	t, found := &p.Tasks[i], &p.tasks[i]
	lead := &p.Tasks[found.leader]
	kill := slices.Contains(t.Pending, syscall.SIGKILL)
	switch {
	case t.State != "" && found.leader != i:
		return fmt.Errorf("a thread that is %q", t.State)
	case !slices.Contains([]string{"", stateExited, stateExiting, stateZombie}, t.State):
		return fmt.Errorf("unknown state %q", t.State)
	case t.State == stateExited && found.threads == 0:
		return fmt.Errorf("a leader that has exited, and was the last of its group")
	case (t.State == stateExiting || t.State == stateZombie) && found.threads > 0:
		return fmt.Errorf("a dead process with %d threads", found.threads)
	case t.State == stateExiting && p.spaces[t.In].reaper != i:
		return fmt.Errorf("exiting, and no reaper")
	case found.leader != i && (t.Status != 0 || t.Subreaper || t.Doomed),
		t.State == stateZombie && (t.Subreaper || t.Doomed),
		t.State != "" && (t.Stopped || t.Born != 0 || t.Limited != 0),
		t.State == "" && t.Status != 0 && !t.Doomed:
		return fmt.Errorf("marks that such a task does not have")
	case t.State == "" && !kill && (lead.Doomed || p.spaces[t.In].ending):
		return fmt.Errorf("its process or its namespace is being ended, and it is not killed")
	case t.Born != 0 && (t.Born < 0 || t.Born >= len(p.Namespaces) || t.Born == t.In || !p.within(t.Born, t.In)):
		return fmt.Errorf("its children would be born in namespace %d", t.Born)
	}
	if t.Limited < 0 || t.Limited > mayNotChoose {
		return fmt.Errorf("it may not choose numbers at %d levels", t.Limited)
	}
	for _, sig := range t.Pending {
		if err := valid(sig); err != nil {
			return err
		}
	}
	return nil
}

// ancestors looks for somebody who is his own.
func (p *plan) ancestors() error {
	from := make([]int, len(p.tasks)) // the walk that came by, and 1
	for i := range p.tasks {
		at := p.tasks[i].leader
		for ; at >= 0 && from[at] == 0; at = p.tasks[at].parent {
			from[at] = i + 1
		}
		if at >= 0 && from[at] == i+1 {
			return fmt.Errorf("task %d is its own ancestor", at)
		}
	}
	return nil
}

// order gives a queue of free numbers, one by one.
func (n *SnapshotNamespace) order() []alloc.PID {
	var all []alloc.PID
	for _, run := range n.Free {
		for pid := run[0]; pid < run[1]; pid++ {
			all = append(all, pid)
		}
	}
	return all
}

// pending gives the signals as marks.
func (t *SnapshotTask) pending() uint32 {
	marks := uint32(0)
	for _, sig := range t.Pending {
		marks |= bit(sig)
	}
	return marks
}
