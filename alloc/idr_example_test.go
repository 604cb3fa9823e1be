package alloc_test

import (
	"fmt"

	"example.com/pidmap/alloc"
)

// A radix tree that holds what each pid stands for, under the cyclic policy.
func ExampleNewIDROf() {
	var tasks *alloc.IDR[string]
	pids, err := alloc.New(alloc.Limits{}, func(l alloc.Limits) (alloc.Backend, error) {
		var err error
		tasks, err = alloc.NewIDROf[string](l)
		return tasks, err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"init", "sh"} {
		pid, _ := pids.Alloc()
		tasks.Store(pid, name)
	}
	pids.Free(1)
	fmt.Println(tasks.Load(1))
	fmt.Println(tasks.Load(2))
	// Output:
	//  false
	// sh true
}
