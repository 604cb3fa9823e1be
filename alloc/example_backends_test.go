package alloc_test

import (
	"fmt"

	"example.com/pidmap/alloc"
)

// A set of pids alone, with no cursor and no gate: the smallest free one of a
// range, and the next in use.
func ExampleNewTree() {
	set, err := alloc.NewTree(alloc.Limits{Max: 1000})
	if err != nil {
		fmt.Println(err)
		return
	}
	set.Take(500)
	fmt.Println(set.TakeFirst(500, 1000))
	fmt.Println(set.Next(500))
	// Output:
	// 501 true
	// 501 true
}

// The bitmap of Linux 2.6.22 as the backend of a Pidmap.
func ExampleNewPaged() {
	m, err := alloc.New(alloc.Limits{}, alloc.NewPaged)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Alloc())
	// Output: 1 <nil>
}

// The radix tree of Linux since 4.15 as the backend of a Pidmap.
func ExampleNewIDR() {
	m, err := alloc.New(alloc.Limits{}, alloc.NewIDR)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Alloc())
	// Output: 1 <nil>
}

// A FIFO: a number that is freed rests for as long as the table can let it.
func ExampleNewTable() {
	table, err := alloc.NewTable(alloc.Limits{Max: 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	pid, _ := table.Alloc()
	_ = table.Free(pid)
	for range 4 {
		pid, _ := table.Alloc()
		fmt.Print(pid, " ")
	}
	// Output: 2 3 4 1
}
