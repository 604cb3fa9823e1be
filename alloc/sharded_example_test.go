package alloc_test

import (
	"fmt"
	"sync"

	"example.com/pidmap/alloc"
)

// Workers that stay take pids by way of a shard of their own, and give them
// back by whichever way.
func ExampleNewSharded() {
	pids, err := alloc.NewSharded(alloc.Limits{Max: 1 << 20, Reserved: 1}, 4, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			mine := pids.Local()
			for range 1000 {
				pid, _ := mine.Alloc()
				if pid%2 == 0 {
					pids.Free(pid)
				}
			}
		})
	}
	workers.Wait()
	fmt.Println(pids.Len(), "in use")

	pids.Terminate()
	_, err = pids.Alloc()
	fmt.Println(err)
	// Output:
	// 2000 in use
	// pidmap: terminating
}

// A Local is a worker's own way to the same pids: it stays with one shard, and
// what it hands out is seen by all.
func ExampleSharded_Local() {
	s, err := alloc.NewSharded(alloc.Limits{Max: 1001, Reserved: 1}, 4, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	a, b := s.Local(), s.Local()
	fmt.Println(a.Alloc())
	fmt.Println(b.Alloc())
	fmt.Println(a.Free(251), s.Len())
	// Output:
	// 1 <nil>
	// 251 <nil>
	// <nil> 1
}
