package peers

import (
	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/bitsetmap"
	"example.com/pidmap/alloc/roaringmap"
)

// makers are the sides of Churn, Fill and Bytes.
var makers = []maker{
	{name: "harness", make: newHarness, harness: true},
	{name: "harness+lock", make: newLocked, harness: true},
	{name: "oracle", make: newOracle, harness: true},

	{name: "tree", make: pidmap(alloc.NewTree), nextfit: true},
	{name: "tree+bare", make: newBareTree, nextfit: true},
	{name: "paged", make: pidmap(alloc.NewPaged), nextfit: true},
	{name: "idr", make: pidmap(alloc.NewIDR), nextfit: true},
	{name: "table", make: newTable},
	{name: "tree+lock", make: newHandLocked, nextfit: true},
	{name: "tree+shared", make: newShared, nextfit: true},
	{name: "sharded", make: newSharded},
	{name: "local", make: newLocal},

	{name: "bitset", make: newBitset, nextfit: true},
	{name: "bitset+pidmap", make: pidmap(bitsetmap.New), nextfit: true},
	{name: "gvisor", make: newGvisor, nextfit: true},
	{name: "flat", make: func(c *census) (side, error) { return newFlat(c), nil }, nextfit: true},
	{name: "roaring+used", make: newRoaringUsed, nextfit: true},
	{name: "roaring+free", make: newRoaringFree, nextfit: true},
	{name: "roaring+pidmap", make: pidmap(roaringmap.New), nextfit: true},
	{name: "btree", make: newBtree, nextfit: true},
	{name: "intsets", make: newIntsets, nextfit: true, slowFill: true},
	{name: "map", make: newProbed, nextfit: true},
	{name: "lifo", make: newStack},
	{name: "channel", make: newQueue},
}
