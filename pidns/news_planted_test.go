package pidns

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// newsPlants are wrong steps in what follows a death, a choice of numbers or a
// panic, each by the check that says so.
var newsPlants = []plant{
	{"a merged family keeps its dead owner", ownerStays, heirs},
	{"a merged family forgets its living", livingLost, heirs},
	{"a merged family forgets its dead", deadLost, heirs},
	{"SIGCHLD is told to nobody", chldToNobody, parentsAreTold},
	{"SIGCHLD is told twice", chldTwice, parentsAreTold},
	{"SIGCHLD is told to a leader that is dead", chldToDeadLeaders, parentsAreTold},
	{"SIGCHLD is told in the frost", chldInTheFrost, parentsAreTold},
	{"permission is looked at when the numbers are taken", permissionLate, deniedFirst},
	{"permission is looked at by level, and all ranges after it", rangeLate, deniedFirst},
	{"a program that panics loses the others' news", func(*host) *faults { return &faults{forget: true} }, newsSurvive},
}

func TestPlantedNews(t *testing.T) { plantEach(t, newsPlants) }

// ownerStays leaves a merged family with the owner of the larger.
func ownerStays(h *host) *faults {
	return &faults{merge: func(i, heir uint32, p *record) {
		owner := h.families.all[i].owner
		larger := p.kids == 0 || h.families.all[i].refs > h.families.all[p.kids].refs
		h.families.merge(i, heir, p)
		if larger {
			h.families.all[p.kids].owner = owner
		}
	}}
}

func livingLost(h *host) *faults {
	return &faults{merge: func(i, heir uint32, p *record) {
		live := h.families.all[i].live
		h.families.merge(i, heir, p)
		h.families.all[p.kids].live -= live
	}}
}

// deadLost forgets the heir's own dead, where its family goes below the other.
func deadLost(h *host) *faults {
	return &faults{merge: func(i, heir uint32, p *record) {
		own := p.kids
		h.families.merge(i, heir, p)
		if f := &h.families.all[p.kids]; p.kids != own {
			f.first, f.last = 0, 0
		}
	}}
}

// heirs hands children on, to an heir that has more and to one that has fewer,
// and wants it to be their parent and to reap whoever dies, before and after.
func heirs(w *world, f *faults) error {
	w.fault(f)
	for _, many := range []bool{false, true} {
		_, heir := w.space(w.init)
		mother := w.fork(heir)
		var kids []Task
		n, own := 1, 5
		if many {
			n, own = 5, 1
		}
		for range own {
			kids = append(kids, w.fork(heir))
		}
		dead := w.fork(heir)
		w.ok(dead.Exit(3))
		for range n {
			kids = append(kids, w.fork(mother))
		}
		w.ok(mother.Exit(4))
		for _, kid := range kids {
			if p, ok := kid.Parent(); !ok || p != heir {
				return fmt.Errorf("many %t: pid %d is not its heir's", many, kid.PID())
			}
			w.ok(kid.Exit(5))
		}
		for range 2 + len(kids) {
			if _, _, err := heir.Wait(ended); err != nil {
				return fmt.Errorf("many %t: %w", many, err)
			}
		}
	}
	return w.root.host.verifyNow()
}

// really is a step as it is, from within what is in its place.
func (f *faults) really(h *host, slot uint32, r *record) {
	wrong := f.notify
	f.notify = nil
	h.notify(slot, r)
	f.notify = wrong
}

func chldToNobody(*host) *faults { return &faults{notify: func(uint32, *record) {}} }

func chldTwice(h *host) *faults {
	f := &faults{}
	f.notify = func(slot uint32, r *record) {
		f.really(h, slot, r)
		h.tellFrost(slot, syscall.SIGCHLD)
	}
	return f
}

func chldToDeadLeaders(h *host) *faults {
	f := &faults{}
	f.notify = func(slot uint32, r *record) {
		if r.state != deadFront {
			f.really(h, slot, r)
		}
	}
	return f
}

func chldInTheFrost(h *host) *faults {
	f := &faults{}
	f.notify = func(slot uint32, r *record) {
		if h.isFrozen(r) && r.flags&hooked != 0 {
			h.tellFrost(slot, syscall.SIGCHLD)
			return
		}
		f.really(h, slot, r)
	}
	return f
}

// parentsAreTold wants one SIGCHLD for each death, told to whom wait(2) says.
func parentsAreTold(w *world, f *faults) error {
	w.fault(f)
	ns, reaper := w.space(w.init)
	mother := w.fork(reaper)
	thread := w.thread(mother)
	p, ofThread := w.hold(mother), w.hold(thread)
	first, second, third := w.fork(mother), w.fork(mother), w.fork(mother)
	w.ok(first.Exit(0))
	if !p.is(syscall.SIGCHLD) || !ofThread.is() {
		return fmt.Errorf("told %v, its thread %v", p.sigs, ofThread.sigs)
	}
	w.freeze(ns)
	w.ok(second.Exit(0))
	if !p.is(syscall.SIGCHLD, syscall.SIGSTOP) {
		return fmt.Errorf("told %v in the frost", p.sigs)
	}
	w.ok(ns.Thaw())
	if !p.is(syscall.SIGCHLD, syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGCHLD) {
		return fmt.Errorf("told %v at the thaw", p.sigs)
	}
	w.ok(mother.Exit(0))
	w.ok(third.Exit(0))
	if !ofThread.is(syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGCHLD) {
		return fmt.Errorf("the thread is told %v", ofThread.sigs)
	}
	w.ok(thread.Exit(0))
	return nil
}

// permissionLate looks for a permission when a fork publishes.
func permissionLate(h *host) *faults {
	return &faults{
		check: func(b birth, _ int) error { return b.check(0) },
		publish: func(slot uint32, r *record, by Task, b birth) error {
			if err := b.check(int(h.slab.at(by.slot).choose)); err != nil {
				return err
			}
			return h.publish(slot, r, by, &b)
		},
	}
}

// rangeLate looks at all permissions first.
func rangeLate(*host) *faults {
	return &faults{check: func(b birth, outermost int) error {
		if n := len(b.at); n > 0 && n <= b.space.level+1 && b.space.level-n+1 < outermost {
			return ErrPermission
		}
		return b.check(0)
	}}
}

// deniedFirst wants EINVAL, EPERM and EEXIST in that order at each level, and
// nothing to be different after any of them.
func deniedFirst(w *world, f *faults) error {
	spaces, reapers := w.chain(600, 600, 600)
	w.must(reapers[2].ForkAt(50, 60))
	task := w.fork(reapers[2])
	w.ok(task.LimitForkAt(spaces[2]))
	w.fault(f)
	for _, c := range []struct {
		at   []alloc.PID
		want error
	}{{[]alloc.PID{50, 61}, ErrPermission}, {[]alloc.PID{700, 61}, ErrInvalid}, {[]alloc.PID{50}, alloc.ErrInUse}} {
		before := w.root.host.dump()
		if _, err := task.ForkAt(c.at...); !errors.Is(err, c.want) {
			return fmt.Errorf("ForkAt(%d) gives %w", c.at, err)
		}
		if w.root.host.dump() != before {
			return fmt.Errorf("ForkAt(%d) leaves something", c.at)
		}
	}
	return nil
}

// newsSurvive lets one program of three panic, and wants the others told and a
// task without one dead.
func newsSurvive(w *world, f *faults) error {
	ns, reaper := w.space(w.init)
	w.ok(w.fork(reaper).OnSignal(func(Task, syscall.Signal) { panic("a program's") }))
	p, q := w.hold(w.fork(reaper)), w.hold(w.fork(reaper))
	for range batchSize {
		w.fork(reaper)
	}
	bare := w.fork(reaper) // in a later hold of the lock
	w.fault(f)
	if how := ends(func() { _, _ = ns.Signal(Walk, syscall.SIGTERM) }); how != "panic" {
		return fmt.Errorf("it ends by %q", how)
	}
	if !p.is(syscall.SIGTERM) || !q.is(syscall.SIGTERM) || !dead(bare) {
		return fmt.Errorf("told %v and %v, the last dead %t", p.sigs, q.sigs, dead(bare))
	}
	return nil
}
