package pidns

import (
	"errors"
	"fmt"
	"syscall"

	"example.com/pidmap/alloc"
)

// The signals of a duel.

func (d *duel) kill(i int, sig syscall.Signal) error {
	pid := alloc.PID(d.byte()%40) - 2
	d.say("%d: Kill(%d, %v)", i, pid, sig)
	who := d.m.tasks[i]
	err := d.tasks[i].Kill(pid, sig)
	switch {
	case !who.runs():
		return same(err, ErrDead)
	case pid == 0 || pid < -1:
		return same(err, ErrInvalid)
	case pid == -1:
		return d.killAll(who, sig, err)
	}
	target := who.space.tasks[pid]
	if target == nil {
		return same(err, ErrNoTask)
	}
	if !target.immune(who.space, sig) {
		d.m.send(target, sig)
		d.m.deliver(target)
		d.m.finish()
	}
	return same(err, nil)
}

func (d *duel) killAll(who *modelTask, sig syscall.Signal, err error) error {
	n := 0
	for _, t := range who.space.tasks {
		if t.leader != who.leader && t.leader != who.space.reaper {
			t.discard(sig)
			t.pending |= bit(sig)
			n++
		}
	}
	if n == 0 {
		return same(err, ErrNoTask)
	}
	d.m.deliverAll(who.space)
	d.m.finish()
	return same(err, nil)
}

// sweep signals a namespace from above, or zaps it.
func (d *duel) sweep(op int, sig syscall.Signal) error {
	j := d.byte() % len(d.spaces)
	sweep := sweeps[op/16%len(sweeps)]
	real, ns := d.spaces[j], d.m.spaces[j]
	zap := op > 170
	if zap {
		sig = sigKill
		if j == 0 && len(d.log) < 100 {
			return nil // not yet: nothing would be left to play with
		}
		if !ns.gone {
			d.m.shut(ns)
		}
	}
	d.say("namespace %d: sweep %s, %v, zap %t", j, sweep, sig, zap)
	n := d.m.mark(ns, sweep, sig)
	d.m.deliverAll(ns)
	d.m.finish()
	if !zap {
		got, err := real.Signal(sweep, sig)
		if got != n {
			return fmt.Errorf("%d marks, and the model says %d", got, n)
		}
		return err
	}
	err := real.Zap(ended, sweep)
	var left *SurvivorsError
	if want := ns.left(); errors.As(err, &left) != (want > 0) || left != nil && left.Count != want {
		return fmt.Errorf("%v, and the model says that %d are left", err, want)
	}
	return nil
}

// program puts a program behind a task that only remembers, or takes it away.
func (d *duel) program(i int, on bool) error {
	d.say("%d: OnSignal(%t)", i, on)
	who := d.m.tasks[i]
	var hook func(Task, syscall.Signal)
	p := d.hooks[i]
	if on {
		p = &told{}
		hook = p.hook
	}
	err := d.tasks[i].OnSignal(hook)
	if !who.runs() {
		return same(err, ErrDead)
	}
	if on {
		d.hooks[i], who.told = p, nil
	}
	who.killed = false
	who.hooked = on
	d.m.deliver(who)
	d.m.finish()
	return same(err, nil)
}
