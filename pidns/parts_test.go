package pidns

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// counted is the numbers of a namespace, and how often they are asked.
type counted struct {
	numbers
	asked atomic.Int64
}

func (c *counted) Next(after alloc.PID) (alloc.PID, bool) {
	c.asked.Add(1)
	return c.numbers.Next(after)
}

func (c *counted) NextN(after alloc.PID, pids []alloc.PID) int {
	c.asked.Add(1)
	return c.numbers.NextN(after, pids)
}

// A parallel sweep asks as often as there are parts with somebody in them,
// whatever the limit: a task or two below 1<<30 are no reason to ask a hundred
// thousand times.
func TestPartsFollowTasks(t *testing.T) {
	for _, registry := range registries {
		for _, limit := range []alloc.PID{1 << 15, 1 << 30} {
			ns, err := New(Config{Registry: registry, Limits: alloc.Limits{Max: limit}})
			if err != nil {
				t.Fatal(err)
			}
			reaper := ns.Reaper()
			born(t, reaper)
			if _, err := reaper.ForkAt(3 * partSize); err != nil {
				t.Fatal(err)
			}
			set := &counted{numbers: ns.set}
			ns.set = set
			if n, err := ns.Mark(Parallel, syscall.SIGURG); n != 2 || err != nil {
				t.Errorf("%s, Max %d: %d marks of 2, %v", registry, limit, n, err)
			}
			if asked := set.asked.Load(); asked > 10 {
				t.Errorf("%s, Max %d: asked %d times for 2 tasks", registry, limit, asked)
			}
		}
	}
}

// Where parts meet, nobody is marked by both, or by neither.
func TestPartsMeet(t *testing.T) {
	for _, registry := range registries {
		for _, crowd := range []int{0, 3 * aWorker} {
			t.Run(fmt.Sprintf("registry=%s/crowd=%d", registry, crowd), func(t *testing.T) {
				ns, err := New(Config{Registry: registry, Limits: alloc.Limits{Max: 20*partSize + 1}})
				if err != nil {
					t.Fatal(err)
				}
				reaper := ns.Reaper()
				var tasks []Task
				for _, part := range []alloc.PID{1, 2, 3, 7, 8, 19, 20} {
					for _, pid := range []alloc.PID{part*partSize - 1, part * partSize, part*partSize + 1} {
						if pid > 20*partSize {
							continue
						}
						task, err := reaper.ForkAt(pid)
						if err != nil {
							t.Fatal(err)
						}
						tasks = append(tasks, task)
					}
				}
				for range crowd {
					tasks = append(tasks, born(t, reaper))
				}
				for range 20 {
					if n, err := ns.Mark(Parallel, syscall.SIGURG); n != len(tasks) || err != nil {
						t.Errorf("%d marks of %d, %v", n, len(tasks), err)
					}
					for _, task := range tasks {
						if task.Pending() == nil {
							t.Fatalf("pid %d is not marked", task.PID())
						}
					}
					ns.Deliver()
				}
			})
		}
	}
}
