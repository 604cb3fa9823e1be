package nextpidmap_test

import (
	"fmt"
	"sync"
	"sync/atomic"

	"example.com/pidmap/alloc"
	"example.com/pidmap/nextpidmap"
)

// ten hands out the pids 1 to 10.
func ten() *alloc.Shared {
	m, err := alloc.NewShared(alloc.Limits{Max: 100}, nil)
	if err != nil {
		panic(err)
	}
	for range 10 {
		_, _ = m.Alloc()
	}
	return m
}

// The loop may change what it walks: here it ends every second process.
func ExampleAll() {
	m := ten()
	for pid := range nextpidmap.All(m) {
		if pid%2 == 0 {
			_ = m.Free(pid)
		}
	}
	for pid := range nextpidmap.All(m) {
		fmt.Print(pid, " ")
	}
	// Output: 1 3 5 7 9
}

// All but the reaper, which is pid 1.
func ExampleAfter() {
	for pid := range nextpidmap.After(ten(), 1) {
		fmt.Print(pid, " ")
	}
	// Output: 2 3 4 5 6 7 8 9 10
}

// Four at a time, into one buffer.
func ExampleBatches() {
	for batch := range nextpidmap.Batches(ten(), make([]alloc.PID, 4)) {
		fmt.Println(batch)
	}
	// Output:
	// [1 2 3 4]
	// [5 6 7 8]
	// [9 10]
}

// A walk in three parts, beside each other.
func ExampleSplit() {
	m := ten()
	var sum atomic.Int64
	var wg sync.WaitGroup
	for _, part := range nextpidmap.Split(m, m.Limits(), 3) {
		wg.Go(func() {
			for pid := range part {
				sum.Add(int64(pid))
			}
		})
	}
	wg.Wait()
	fmt.Println(sum.Load())
	// Output: 55
}
