package bench

import (
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	"example.com/pidmap/pidns"
)

// BenchmarkTaskMemory is what a task takes in memory, its numbers and its place
// in the index and the list included, in a namespace of n that has been churned.
func BenchmarkTaskMemory(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			keep := c.get(kept, "none")
			if keep == "none" {
				keep = ""
			}
			w, err := takeCensus(c, keep)
			if err != nil {
				b.Fatal(err)
			}
			if why := w.asked(); why != "" {
				b.Skip(why)
			}
			settled = nil
			var bytes int64
			for b.Loop() {
				before := heap()
				p, err := newPopulation(w)
				if err != nil {
					b.Fatal(err)
				}
				own := int64(cap(p.processes)) * int64(unsafe.Sizeof(pidns.Task{})) // the benchmark's own handles
				bytes = heap() - before - own
				if err := p.check(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(bytes)/float64(w.n), "B/task")
		})
	}, registries, sizes, depths, kept)
}

// BenchmarkNamespaceMemory is what a namespace of 100 tasks takes in memory,
// its tasks included, among 1,000 on one host.
func BenchmarkNamespaceMemory(b *testing.B) {
	const spaces, tasks = 1000, 100
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			settled = nil
			var bytes int64
			for b.Loop() {
				before := heap()
				root, err := crowd(c.first(registries, ""), spaces, tasks)
				if err != nil {
					b.Fatal(err)
				}
				bytes = heap() - before
				if got, want := root.Len(), 1+spaces*tasks; got != want {
					b.Fatalf("%d tasks on the host, want %d", got, want)
				}
			}
			b.ReportMetric(float64(bytes)/spaces, "B/namespace")
		})
	}, registries)
}

// crowd makes a host with so many namespaces of so many tasks.
func crowd(registry string, spaces, tasks int) (*pidns.Namespace, error) {
	w := census{registry: registry, n: spaces * tasks, density: 25, depth: 1}
	root, _, err := w.namespaces()
	if err != nil {
		return nil, err
	}
	for range spaces {
		reaper, err := root.Reaper().ForkNamespace(pidns.Config{Registry: registry})
		if err != nil {
			return nil, err
		}
		for range tasks - 1 {
			if _, err := reaper.Fork(); err != nil {
				return nil, fmt.Errorf("in namespace %d: %w", reaper.PID(), err)
			}
		}
	}
	return root, nil
}

// heap is what is live.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
