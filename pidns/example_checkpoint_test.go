package pidns_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"syscall"

	"example.com/pidmap/pidns"
)

// A namespace is frozen, taken down, and made again below another task, where
// it goes on with the same numbers. Programs are put back before the thaw.
func ExampleRestore() {
	host, err := pidns.New(pidns.Config{})
	orDie(err)
	reaper, err := host.Reaper().ForkNamespace(pidns.Config{})
	orDie(err)
	worker, err := reaper.Fork()
	orDie(err)
	_, err = worker.Thread()
	orDie(err)
	ns := reaper.Namespace()

	_, err = ns.Freeze(context.Background(), pidns.Batch)
	orDie(err)
	orDie(worker.Signal(syscall.SIGTERM)) // pending from now on
	snap, err := ns.Checkpoint()
	orDie(err)
	_, err = snap.WriteTo(os.Stdout)
	orDie(err)

	elsewhere, err := pidns.New(pidns.Config{})
	orDie(err)
	copied, err := pidns.Restore(elsewhere.Reaper(), snap, func(t pidns.Task) {
		orDie(t.OnSignal(func(t pidns.Task, sig syscall.Signal) { fmt.Println(t.PID(), sig) }))
	})
	orDie(err)
	orDie(copied.Thaw())
	child, err := copied.Reaper().Fork()
	orDie(err)
	fmt.Println("next:", child.PID())

	// Output:
	// {"version":1,
	// "namespaces":[
	// {"in":-1,"max":32768,"reserved":300,"registry":"tree+table","last":3}],
	// "tasks":[
	// {"pids":[1]},
	// {"pids":[2],"parent":1,"pending":[15]},
	// {"pids":[3],"leader":2}]}
	// 1 continued
	// 2 continued
	// 2 terminated
	// 3 continued
	// next: 4
}

func orDie(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
