package pidns_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"

	"example.com/pidmap/alloc"
	"example.com/pidmap/pidns"
)

// A supervisor of goroutines. Each is a task whose context SIGKILL cancels, and
// exits when its work has come back. One Zap ends them all, those too that are
// being started beside it, and returns when the last has gone.
func Example() {
	host := must(pidns.New(pidns.Config{}))
	supervisor := must(host.Reaper().ForkNamespace(pidns.Config{}))
	box := supervisor.Namespace()

	var goroutines sync.WaitGroup
	spawn := func(work func(context.Context)) error {
		task, err := supervisor.Fork()
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(context.Background())
		if err := task.OnSignal(func(_ pidns.Task, sig syscall.Signal) {
			if sig == syscall.SIGKILL {
				cancel()
			}
		}); err != nil { // it has been killed already
			cancel()
			return err
		}
		goroutines.Go(func() {
			defer cancel()
			work(ctx)
			orDie(task.Exit(0)) // it holds up the zap until here
		})
		return nil
	}
	work := func(ctx context.Context) { <-ctx.Done() }
	for range 5000 {
		orDie(spawn(work))
	}
	fmt.Println("tasks:", box.Len())

	goroutines.Go(func() { // and more, until they are refused
		for spawn(work) == nil {
		}
	})
	orDie(box.Zap(context.Background(), pidns.Batch))
	fmt.Println("left:", box.Len(), "the supervisor")
	goroutines.Wait()
	fmt.Println("another:", errors.Is(spawn(work), alloc.ErrTerminating))

	// Output:
	// tasks: 5001
	// left: 1 the supervisor
	// another: true
}

// A task is forked, killed by its parent and waited for; its number rests until
// the others have had their turn.
func ExampleNew() {
	root, err := pidns.New(pidns.Config{Limits: alloc.Limits{Max: 1 << 16}, Registry: pidns.IDR})
	orDie(err)
	shell := root.Reaper()
	job := must(shell.Fork())
	orDie(shell.Kill(job.PID(), syscall.SIGTERM))

	pid, status, err := shell.Wait(context.Background())
	orDie(err)
	fmt.Println("pid", pid, "status", status) // 128 and the signal
	fmt.Println("its handle:", job.Signal(syscall.SIGKILL))
	fmt.Println("its number:", shell.Kill(pid, syscall.SIGKILL))
	fmt.Println("the next:", must(shell.Fork()).PID())

	// Output:
	// pid 2 status 143
	// its handle: pidns: the task is dead
	// its number: pidns: no such task
	// the next: 3
}

// Numbers are chosen, the innermost level first, as clone3's set_tid does; what
// cannot be had changes nothing at any level.
func ExampleTask_ForkAt() {
	root := must(pidns.New(pidns.Config{}))
	reaper := must(root.Reaper().ForkNamespace(pidns.Config{}))

	task := must(reaper.ForkAt(100, 4000))
	above, _ := task.PIDIn(root)
	fmt.Println(task.PID(), "inside,", above, "at the root")

	_, err := reaper.ForkAt(101, 4000)
	fmt.Println(errors.Is(err, alloc.ErrInUse), err)
	_, err = reaper.ForkAt(101, 1<<20)
	fmt.Println(errors.Is(err, pidns.ErrInvalid), err)
	orDie(task.LimitForkAt(reaper.Namespace()))
	_, err = task.ForkAt(101, 4001)
	fmt.Println(errors.Is(err, pidns.ErrPermission), err)
	fmt.Println("101 is free:", must(task.ForkAt(101)).PID() == 101)

	// Output:
	// 100 inside, 4000 at the root
	// true pidmap: pid is in use
	// true pidns: at[1] = 1048576 is not in [1, 32768): pidns: invalid argument
	// true pidns: the task may not choose a number there
	// 101 is free: true
}

// A task has a number at its own level and at each above; whoever ends a
// namespace ends those in it.
func ExampleNamespace_Zap() {
	root := must(pidns.New(pidns.Config{}))
	outer := must(root.Reaper().ForkNamespace(pidns.Config{}))
	must(outer.Fork())
	inner := must(outer.ForkNamespace(pidns.Config{}))
	task := must(inner.Fork())

	for _, ns := range []*pidns.Namespace{inner.Namespace(), outer.Namespace(), root} {
		pid, _ := task.PIDIn(ns)
		fmt.Printf("level %d: pid %d of %d\n", ns.Level(), pid, ns.Len())
	}
	nested := inner.Namespace()
	orDie(outer.Namespace().Zap(context.Background(), pidns.Walk))
	fmt.Println("left:", nested.Len(), "inside,", outer.Namespace().Len(), "outside,", root.Len(), "at the root")

	// Output:
	// level 2: pid 2 of 2
	// level 1: pid 4 of 4
	// level 0: pid 5 of 5
	// left: 0 inside, 1 outside, 2 at the root
}

// While a namespace is frozen nobody is born in it, signals wait, and it can be
// taken down.
func ExampleNamespace_Freeze() {
	root := must(pidns.New(pidns.Config{Lists: []pidns.Sweep{pidns.List}}))
	task := must(root.Reaper().Fork())
	fmt.Println("frozen:", must(root.Freeze(context.Background(), pidns.List)))

	born := make(chan pidns.Task)
	go func() { born <- must(task.Fork()) }() // waits for the thaw
	orDie(task.Signal(syscall.SIGTERM))
	snap := must(root.Checkpoint())
	for _, t := range snap.Tasks {
		fmt.Println(t.PIDs, t.Parent, t.Pending)
	}
	orDie(task.OnSignal(func(_ pidns.Task, sig syscall.Signal) { fmt.Println("told:", sig) }))
	orDie(root.Thaw())
	fmt.Println("born:", (<-born).PID())

	// Output:
	// frozen: 2
	// [1] 0 []
	// [2] 1 [terminated]
	// told: continued
	// told: terminated
	// born: 3
}

// A walk goes by number, keeps no pointer, and holds no lock while the caller
// looks, who may end those whom it finds.
func ExampleNamespace_Tasks() {
	root := must(pidns.New(pidns.Config{}))
	reaper := root.Reaper()
	for range 6 {
		must(reaper.Fork())
	}
	for pid, task := range root.Tasks() {
		if pid%2 == 0 {
			orDie(task.Signal(syscall.SIGKILL))
			_, _, err := reaper.Wait(context.Background())
			orDie(err)
		}
	}
	for pid, task := range root.Tasks() {
		parent, _ := task.Parent()
		fmt.Println(pid, "of", parent.PID())
	}

	// Output:
	// 1 of 0
	// 3 of 1
	// 5 of 1
	// 7 of 1
}

func must[T any](made T, err error) T {
	orDie(err)
	return made
}
