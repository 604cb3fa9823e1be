package alloc_test

import (
	"fmt"

	"example.com/pidmap/alloc"
)

// A table that holds what each pid stands for. What is freed comes back last.
func ExampleNewTableOf() {
	tasks, err := alloc.NewTableOf[string](alloc.Limits{Max: 6})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"init", "sh", "ls"} {
		pid, _ := tasks.Alloc()
		tasks.Store(pid, name)
	}
	tasks.Free(2)
	for range 3 {
		fmt.Println(tasks.Alloc())
	}
	fmt.Println(tasks.Load(3))

	shared := alloc.Share(tasks) // from here on what a pid stands for is reached by Do
	shared.Do(func(a alloc.Allocator) {
		table := a.(*alloc.Table[string])
		fmt.Println(table.Store(4, "cat"), table.Len())
	})
	// Output:
	// 4 <nil>
	// 5 <nil>
	// 2 <nil>
	// ls true
	// true 5
}
