package bitsetmap_test

import (
	"fmt"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/bitsetmap"
)

// The policy and the gate over bits-and-blooms' bitset.
func ExampleNew() {
	m, err := alloc.New(alloc.Limits{}, bitsetmap.New)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Alloc())
	// Output: 1 <nil>
}
