package roaringmap_test

import (
	"fmt"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/roaringmap"
)

// The policy and the gate over two roaring bitmaps.
func ExampleNew() {
	m, err := alloc.New(alloc.Limits{}, roaringmap.New)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Alloc())
	// Output: 1 <nil>
}
