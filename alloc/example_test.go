package alloc_test

import (
	"errors"
	"fmt"
	"sync"

	"example.com/pidmap/alloc"
)

// A pidmap for a caller with a lock of its own: pids go up, and come round to
// Reserved at the end.
func ExampleNew() {
	m, err := alloc.New(alloc.Limits{Max: 6, Reserved: 3}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 5 {
		pid, _ := m.Alloc()
		fmt.Print(pid, " ")
	}
	_, err = m.Alloc()
	fmt.Println(errors.Is(err, alloc.ErrFull))

	_ = m.Free(2) // below Reserved: not handed out again
	_ = m.Free(4)
	pid, _ := m.Alloc()
	fmt.Println(pid)
	// Output:
	// 1 2 3 4 5 true
	// 4
}

// The same behind a mutex, for any number of goroutines.
func ExampleNewShared() {
	s, err := alloc.NewShared(alloc.Limits{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { _, _ = s.Alloc() })
	}
	wg.Wait()
	s.Terminate() // no pid is handed out from here on
	_, err = s.Alloc()
	fmt.Println(err)
	for pid, ok := s.Next(0); ok; pid, ok = s.Next(pid) {
		fmt.Print(pid, " ")
	}
	// Output:
	// pidmap: terminating
	// 1 2 3 4 5 6 7 8 9 10
}

// Share puts any allocator behind a mutex, here one over Linux 2.6.22's bitmap.
func ExampleShare() {
	m, err := alloc.New(alloc.Limits{Max: 1000}, alloc.NewPaged)
	if err != nil {
		fmt.Println(err)
		return
	}
	s := alloc.Share(m)
	_ = s.SetLast(500) // as a restored checkpoint would
	pid, _ := s.Alloc()
	fmt.Println(pid, s.AllocAt(pid))
	// Output: 501 pidmap: pid is in use
}
