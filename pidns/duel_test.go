package pidns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/pidmap/alloc"
)

// duel plays operations, decoded from bytes, on a host and on the model, and
// compares what comes of them after each.
type duel struct {
	data   []byte
	m      model
	tasks  []Task // as model.tasks
	hooks  []*told
	spaces []*Namespace // as model.spaces
	log    []string
}

// TestModel plays random operations on every registry; FuzzTasks, any.
func TestModel(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(400) {
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			data := make([]byte, 4*(20+r.IntN(200)))
			for i := range data {
				data[i] = byte(r.Uint32())
			}
			if err := play(w.cfg.Registry, data); err != nil {
				w.Fatalf("round %d: %v", round, err)
			}
		}
	})
}

func FuzzTasks(f *testing.F) {
	for i := range 5 {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		data := make([]byte, 300)
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || len(data) > 4096 {
			return
		}
		if err := play(registries[int(data[0])%len(registries)], data[1:]); err != nil {
			t.Error(err)
		}
	})
}

// play gives the first thing in which host and model differ, after the
// operations that led to it.
func play(registry string, data []byte) error {
	cfg := Config{Registry: registry, Limits: alloc.Limits{Max: 300, Reserved: 5}, Lists: keepAll}
	root, err := New(cfg)
	if err != nil {
		return err
	}
	d := &duel{data: data}
	top := d.space(nil, cfg)
	d.m.spaces, d.spaces = append(d.m.spaces, top), append(d.spaces, root)
	top.reaper = d.m.born(nil, top, []alloc.PID{1}, 0, false)
	d.tasks, d.hooks = append(d.tasks, root.Reaper()), append(d.hooks, nil)
	for len(d.data) > 0 {
		err := d.step()
		if err == nil {
			err = d.compare()
		}
		if err == nil {
			err = root.host.verifyNow()
		}
		if err != nil {
			return fmt.Errorf("%s\n%w", strings.Join(d.log, "\n"), err)
		}
	}
	return nil
}

func (d *duel) space(parent *modelSpace, cfg Config) *modelSpace {
	ns := &modelSpace{
		parent: parent, max: cfg.Limits.Max, reserved: cfg.Limits.Reserved,
		fifo: cfg.Registry == Table, tasks: map[alloc.PID]*modelTask{},
	}
	if ns.fifo {
		ns.reserved = 1
	}
	if parent != nil {
		ns.level = parent.level + 1
	}
	return ns
}

// byte reads the next one; zeros follow the last.
func (d *duel) byte() int {
	if len(d.data) == 0 {
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return int(b)
}

// say writes down what is done.
func (d *duel) say(format string, args ...any) { d.log = append(d.log, fmt.Sprintf(format, args...)) }

// same compares errors.
func same(got, want error) error {
	if !errors.Is(got, want) {
		return fmt.Errorf("error %v, and the model says %v", got, want)
	}
	return nil
}

// step does the next operation on both.
func (d *duel) step() error {
	op := d.byte()
	i := d.byte() % len(d.tasks)
	task, who := d.tasks[i], d.m.tasks[i]
	sig := someSignals[op/3%len(someSignals)]
	switch op % 16 {
	default:
		return d.birth(i, "Fork", false)
	case 3:
		return d.birth(i, "Thread", true)
	case 4:
		return d.birth(i, "ForkAt", false, d.pids(d.byte()%5)...)
	case 5:
		return d.nest(i)
	case 6, 7:
		status, group := d.byte(), op > 220
		d.say("%d: Exit(%d), group %t", i, status, group)
		want := ErrDead
		if root := d.m.tasks[0]; who.runs() {
			want = nil
			if who.leader == root && (group || who == root) {
				want = ErrKillInit
			}
		}
		if group {
			if want == nil {
				who.hooked = false
				d.m.killGroup(who.leader, status)
				d.m.finish()
			}
			return same(task.ExitGroup(status), want)
		}
		if want == nil {
			d.m.exit(who, status)
			d.m.finish()
		}
		return same(task.Exit(status), want)
	case 8, 9:
		d.say("%d: Wait", i)
		pid, status, want := d.m.wait(who)
		d.m.finish()
		gotPid, gotStatus, err := task.Wait(ended)
		if gotPid != pid || gotStatus != status {
			return fmt.Errorf("pid %d, status %d; the model says %d, %d", gotPid, gotStatus, pid, status)
		}
		return same(err, want)
	case 10:
		d.say("%d: Signal(%v)", i, sig)
		var want error
		switch {
		case who.state == free:
			want = ErrDead
		case sig == sigKill && who.leader == d.m.tasks[0]:
			want = ErrKillInit
		default:
			d.m.send(who, sig)
			d.m.deliver(who)
			d.m.finish()
		}
		return same(task.Signal(sig), want)
	case 11:
		return d.kill(i, sig)
	case 12:
		return d.sweep(op, sig)
	case 13:
		return d.enter(i)
	case 14:
		on := op > 64
		d.say("%d: SetSubreaper(%t)", i, on)
		want := ErrDead
		if who.runs() {
			who.leader.subreaper, want = on, nil
		}
		return same(task.SetSubreaper(on), want)
	case 15:
		return d.program(i, op > 64)
	}
}

// pids reads some numbers that may or may not be had.
func (d *duel) pids(n int) []alloc.PID {
	at := make([]alloc.PID, n)
	for i := range at {
		at[i] = alloc.PID(d.byte()%48) - 1
	}
	return at
}

func (d *duel) birth(i int, name string, thread bool, at ...alloc.PID) error {
	d.say("%d: %s(%v)", i, name, at)
	who := d.m.tasks[i]
	ns := who.space
	if who.births != nil {
		ns = who.births
	}
	var child Task
	var err error
	if thread {
		child, err = d.tasks[i].Thread()
	} else {
		child, err = d.tasks[i].ForkAt(at...)
	}
	return d.judge(who, ns, child, err, thread, at)
}

// judge compares a birth with what the model says of it.
func (d *duel) judge(by *modelTask, ns *modelSpace, child Task, err error, thread bool, at []alloc.PID) error {
	want := by.mayFork(thread, ns, at)
	var pids []alloc.PID
	if want == nil {
		pids, want = d.m.numbers(ns, at)
	}
	if want != nil || err != nil {
		return same(err, want)
	}
	for i, space := 0, ns; space != nil; i, space = i+1, space.parent {
		got, _ := child.PIDIn(d.spaceOf(space, child))
		if space.fifo && i >= len(at) { // in what order, it may choose
			if got < 1 || got >= space.max || space.tasks[got] != nil {
				return fmt.Errorf("level %d: number %d is not free", space.level, got)
			}
			pids[i] = got
		}
		if got != pids[i] {
			return fmt.Errorf("level %d: number %d, and the model says %d", space.level, got, pids[i])
		}
	}
	d.m.born(by, ns, pids, len(at), thread)
	d.tasks, d.hooks = append(d.tasks, child), append(d.hooks, nil)
	return nil
}

// spaceOf is the namespace of a model's; of one that is just born, its child's.
func (d *duel) spaceOf(ns *modelSpace, child Task) *Namespace {
	if i := slices.Index(d.m.spaces, ns); i >= 0 {
		return d.spaces[i]
	}
	return child.Namespace()
}

// nest makes a namespace.
func (d *duel) nest(i int) error {
	b := d.byte()
	cfg := Config{Registry: registries[b%len(registries)], Limits: alloc.Limits{Max: alloc.PID(2 + b/4%24), Reserved: 1}, Lists: keepAll}
	if b&64 != 0 && cfg.Limits.Max > 3 {
		cfg.Limits.Reserved = 3
	}
	at := d.pids(b / 64)
	d.say("%d: ForkNamespace(%s, %v, %v)", i, cfg.Registry, cfg.Limits, at)
	child, err := d.tasks[i].ForkNamespace(cfg, at...)
	who := d.m.tasks[i]
	switch {
	case !who.runs():
		return same(err, ErrDead)
	case who.births != nil, len(at) > 0 && at[0] != 1:
		return same(err, ErrInvalid)
	}
	outer := who.space
	if outer.level == MaxLevel {
		return same(err, ErrTooDeep)
	}
	ns := d.space(outer, cfg)
	before := len(d.tasks)
	if err := d.judge(who, ns, child, err, false, at); err != nil || len(d.tasks) == before {
		return err
	}
	ns.reaper = d.m.tasks[before]
	d.m.spaces, d.spaces = append(d.m.spaces, ns), append(d.spaces, child.Namespace())
	return nil
}

func (d *duel) enter(i int) error {
	j := d.byte() % len(d.spaces)
	d.say("%d: Enter(%d)", i, j)
	who, ns := d.m.tasks[i], d.m.spaces[j]
	var want error
	switch {
	case !who.runs():
		want = ErrDead
	case !ns.within(who.space):
		want = ErrInvalid
	case ns == who.space:
		who.births = nil
	default:
		who.births = ns
	}
	return same(d.tasks[i].Enter(d.spaces[j]), want)
}

// compare holds what can be seen of the host against the model.
func (d *duel) compare() error {
	for j, ns := range d.m.spaces {
		real := d.spaces[j]
		if real.Len() != len(ns.tasks) || real.Last() != ns.last || real.Terminating() != ns.shut {
			return fmt.Errorf("namespace %d: %d tasks, last %d, shut %t; the model says %d, %d, %t", j,
				real.Len(), real.Last(), real.Terminating(), len(ns.tasks), ns.last, ns.shut)
		}
	}
	for i, t := range d.m.tasks {
		if err := d.compareTask(d.tasks[i], t); err != nil {
			return fmt.Errorf("task %d: %w", i, err)
		}
		if p := d.hooks[i]; p != nil && !p.is(t.told...) {
			return fmt.Errorf("task %d: told %v, and the model says %v", i, p.sigs, t.told)
		}
	}
	return nil
}

func (d *duel) compareTask(real Task, t *modelTask) error {
	if t.state == free {
		if !gone(real) {
			return fmt.Errorf("pid %d is not gone", real.PID())
		}
		return nil
	}
	for j, ns := range d.m.spaces {
		want, inside := t.pids[ns]
		got, ok := real.PIDIn(d.spaces[j])
		if got != want || ok != inside {
			return fmt.Errorf("namespace %d: number %d, %t; the model says %d, %t", j, got, ok, want, inside)
		}
		if found, _ := d.spaces[j].Task(want); inside && found != real {
			return fmt.Errorf("namespace %d: number %d finds somebody else", j, want)
		}
	}
	if dead(real) == t.runs() {
		return fmt.Errorf("dead %t, and the model says %t", dead(real), !t.runs())
	}
	if got := real.Pending(); t.state != zombie && t.state != exiting && !slices.Equal(got, signals(t.pending)) {
		return fmt.Errorf("pending %v, and the model says %v", got, signals(t.pending))
	}
	if got := real.stopped(); got != (t.runs() && t.leader.stopped) {
		return fmt.Errorf("stopped %t, and the model says %t", got, !got)
	}
	parent, ok := real.Parent()
	if want := t.leader.parent; ok != (want != nil) || ok && parent != d.tasks[slices.Index(d.m.tasks, want)] {
		return fmt.Errorf("another parent than the model says")
	}
	return nil
}
