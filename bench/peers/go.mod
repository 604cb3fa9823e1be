module example.com/pidmap/bench/peers

go 1.26.0

require (
	example.com/pidmap v0.0.0
	github.com/RoaringBitmap/roaring/v2 v2.30.0
	github.com/bits-and-blooms/bitset v1.29.0
	github.com/google/btree v1.1.3
	golang.org/x/tools v0.51.0
	gvisor.dev/gvisor v0.0.0-20250205023644-9414b50a5633
)

require (
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/mschoch/smat v0.2.0 // indirect
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace example.com/pidmap => ../..

tool example.com/pidmap/cmd/benchcmp
