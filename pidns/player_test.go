package pidns

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// player does random things to a namespace from inside, and names tasks by
// their numbers in it: what a seed does to a namespace it does to a copy of it.
type player struct {
	*world
	top *Namespace
	r   *rand.Rand
	log bytes.Buffer // what was done, and what came of it

	keep []Task // who must live on: nobody ends these
}

// someone is a random task of the namespace, zombies included.
func (p *player) someone() Task {
	var tasks []Task
	for _, t := range p.top.Tasks() {
		tasks = append(tasks, t)
	}
	if len(tasks) == 0 {
		return Task{}
	}
	return tasks[p.r.IntN(len(tasks))]
}

// somewhere is the namespace of a random task.
func (p *player) somewhere() *Namespace {
	if ns := p.someone().Namespace(); ns != nil {
		return ns
	}
	return p.top
}

// below is a random namespace that a task may enter.
func (p *player) below(t Task) *Namespace {
	own := t.Namespace()
	var spaces []*Namespace
	for _, other := range p.top.Tasks() {
		if ns := other.Namespace(); own != nil && ns != own && ns.level > own.level && ns.within(own) {
			spaces = append(spaces, ns)
		}
	}
	if len(spaces) == 0 || p.r.IntN(8) == 0 {
		return own
	}
	return spaces[p.r.IntN(len(spaces))]
}

// name is a task as the namespace sees it, and in its own.
func (p *player) name(t Task) string {
	pid, _ := t.PIDIn(p.top)
	return fmt.Sprintf("%d/%d", pid, t.PID())
}

func (p *player) config() Config {
	cfg := Config{Registry: registries[p.r.IntN(len(registries))], Limits: alloc.Limits{Max: 2 + alloc.PID(p.r.IntN(150))}}
	for _, list := range []Sweep{List, Array, Leaders, Global} {
		if p.r.IntN(2) == 0 {
			cfg.Lists = append(cfg.Lists, list)
		}
	}
	return cfg
}

// process is the leader of a task's thread group.
func (t Task) process() Task {
	if t.host == nil {
		return t
	}
	t.host.mu.Lock()
	defer t.host.mu.Unlock()
	if r := t.record(); r != nil {
		return t.host.handle(r.leader)
	}
	return t
}

func (p *player) note(format string, args ...any) { fmt.Fprintf(&p.log, format+"\n", args...) }

// step does one thing.
func (p *player) step() {
	t := p.someone()
	sig := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGUSR1, syscall.SIGCHLD}[p.r.IntN(6)]
	n, arg := p.r.IntN(100), p.r.IntN(40)
	who := p.name(t)
	born := func(what string, child Task, err error) {
		p.note("%s %s: %s %v", who, what, p.name(child), err)
	}
	switch {
	case n < 35:
		child, err := t.Fork()
		born("forks", child, err)
	case n < 43:
		child, err := t.Thread()
		born("thread", child, err)
	case n < 47:
		at := []alloc.PID{alloc.PID(arg), alloc.PID(1 + p.r.IntN(120))}
		child, err := t.ForkAt(at[:1+p.r.IntN(min(2, t.levels(p.top)))]...)
		born(fmt.Sprint("forks at ", at), child, err)
	case n < 53:
		child, err := t.ForkNamespace(p.config())
		born("forks a namespace", child, err)
	case n < 58:
		p.note("%s enters: %v", who, t.Enter(p.below(t)))
	case n < 62:
		p.note("%s is a subreaper: %v", who, t.SetSubreaper(arg%3 > 0))
	case n < 70:
		pid, status, err := t.Wait(ended)
		p.note("%s waits: %d %d %v", who, pid, status, err)
	case n < 74:
		p.note("%s gets a program: %v", who, t.OnSignal((&told{}).hook))
	case n < 75:
		p.note("%s loses its program: %v", who, t.OnSignal(nil))
	case n < 76 && p.somewhere() != p.top:
		if ns := p.somewhere(); ns != p.top {
			err := ns.Zap(ended, p.sweepOf(ns))
			left := &SurvivorsError{}
			errors.As(err, &left)
			p.note("zap at %d: %d left", ns.Level()-p.top.Level(), left.Count)
		}
	case slices.Contains(p.keep, t.process()):
	case n < 84:
		p.note("%s exits: %v", who, t.Exit(arg))
	case n < 86:
		p.note("%s exits with its group: %v", who, t.ExitGroup(arg))
	case n < 92:
		p.note("%s is sent %d: %v", who, sig, t.Signal(sig))
	default:
		target, ok := t.Namespace().lookup(alloc.PID(arg))
		if !ok || !slices.Contains(p.keep, target.process()) {
			p.note("%s sends %d to %d: %v", who, sig, arg, t.Kill(alloc.PID(arg), sig))
		}
	}
}

// lookup is Task for a namespace that may be none.
func (ns *Namespace) lookup(pid alloc.PID) (Task, bool) {
	if ns == nil {
		return Task{}, false
	}
	return ns.Task(pid)
}

// levels is how many numbers a child has at top and below; 1 for the dead.
func (t Task) levels(top *Namespace) int {
	ns := t.Namespace()
	if ns == nil {
		return 1
	}
	return ns.Level() - top.Level() + 1
}

// stage is a namespace with a past, whose reaper lives; outsiders have children
// in it.
func (w *world) stage(seed uint64, steps int, outsiders ...Task) *player {
	w.Helper()
	p := &player{world: w, r: rand.New(rand.NewPCG(seed, 1))}
	cfg := p.config()
	cfg.Registry, cfg.Limits.Max = w.cfg.Registry, 60+alloc.PID(p.r.IntN(200))
	reaper := w.must(w.init.ForkNamespace(cfg))
	p.top, p.keep = reaper.Namespace(), []Task{reaper}
	w.thread(reaper)
	for _, by := range outsiders {
		w.ok(by.Enter(p.top))
		for range 2 + p.r.IntN(4) {
			w.fork(by)
		}
		if p.r.IntN(2) == 0 {
			w.must(w.fork(by).ForkNamespace(w.cfg))
		}
		w.ok(by.Enter(by.Namespace()))
	}
	for range steps {
		p.step()
	}
	return p
}

// sweepOf is the world's sweep where ns can have it, else a walk.
func (w *world) sweepOf(ns *Namespace) Sweep {
	if ns.keeps(w.sweep) != nil {
		return Walk
	}
	return w.sweep
}

// take freezes a namespace, lets signals come that stay pending, and takes it
// down; it stays frozen.
func (p *player) take() *Snapshot {
	p.Helper()
	_, err := p.top.Freeze(forever, p.sweepOf(p.top))
	p.ok(err)
	for range 5 {
		_ = p.someone().Signal(syscall.Signal(10 + p.r.IntN(8)))
	}
	return p.checkpoint(p.top)
}

func (w *world) checkpoint(ns *Namespace) *Snapshot {
	w.Helper()
	snap, err := ns.Checkpoint()
	w.ok(err)
	return snap
}

// text is a snapshot as it is written.
func text(t testing.TB, snap *Snapshot) string {
	t.Helper()
	var b bytes.Buffer
	n, err := snap.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo gives %d, %v for %d bytes", n, err, b.Len())
	}
	return b.String()
}

// read is the way back.
func read(t testing.TB, text string) *Snapshot {
	t.Helper()
	snap, err := ReadSnapshot(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return snap
}
